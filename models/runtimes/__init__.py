"""Runtimes that models share."""
