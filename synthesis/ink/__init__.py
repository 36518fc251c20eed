"""Ink: pens, recorded strokes, stamps, signatures, faces."""
