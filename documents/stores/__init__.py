"""One file a scheme: how the bytes of a document are read from where it lies."""
