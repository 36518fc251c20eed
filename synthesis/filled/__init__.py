"""Fills blank PDF forms as people do, and brings them in as scans, with truth."""
