"""Reads text: lines with quads, words and confidences."""
