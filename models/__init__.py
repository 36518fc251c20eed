"""What a model is, and the models: one folder each, found by its card.toml."""
