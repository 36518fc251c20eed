"""The model `patches`."""
