"""Is this page one of the registered forms? Answered by comparison with their blank pages, without training."""
