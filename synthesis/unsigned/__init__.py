"""Pages that nobody signed, with what may be taken for a signature on them."""
