"""The model `faults`: does what no model should."""
