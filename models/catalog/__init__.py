"""The models docbeam brings: one folder each."""
