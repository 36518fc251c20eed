"""What values may be: by format, by pattern and choices, and by what other fields say."""
