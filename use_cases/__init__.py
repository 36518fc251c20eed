"""Use cases: what is done with a kind of document, one file or folder each in `catalog/`."""
