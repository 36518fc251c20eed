"""npm package that pins the open fonts."""
