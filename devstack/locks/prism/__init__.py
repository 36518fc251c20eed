"""Go module that pins Prism and all it is built from."""
