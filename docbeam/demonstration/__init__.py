"""What `make run` does: the sample documents through the real parts, start to finish."""
