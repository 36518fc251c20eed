"""The document types that ship with docbeam: one package each, holding a type.toml and blank pages."""
