"""The model `half-turn`."""
