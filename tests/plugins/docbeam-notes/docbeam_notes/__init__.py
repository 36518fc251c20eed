"""A plug-in package: imports docbeam and nothing else of it."""
