"""A plug-in package for a known form: use case, the form itself, a test and a golden case."""
