"""A client of the gateway, in two forms over the same steps."""
