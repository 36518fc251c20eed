"""The use cases docbeam brings: one file or folder each."""
