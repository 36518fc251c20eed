"""The graphs: each file reads top to bottom as its architecture."""
