"""The model `listener`."""
