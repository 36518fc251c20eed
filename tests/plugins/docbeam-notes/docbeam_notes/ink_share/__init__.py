"""The model `ink-share`."""
