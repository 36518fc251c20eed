"""Go module that pins the schema registry and all it is built from."""
