"""Measures the reading of known forms on filled copies with exact truth."""
