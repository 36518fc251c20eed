"""The work on one document part, in plain Python: no Beam, callable from a loop or a test."""
