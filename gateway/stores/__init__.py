"""Where requests and keys are kept: one file a kind of store."""
