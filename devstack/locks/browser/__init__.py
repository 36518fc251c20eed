"""npm packages that pin the browser of tests."""
