"""The released Avro schemas; a package, so that they ship."""
