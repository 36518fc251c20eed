"""Finds handwritten signatures and initials on a page, and says what is in a given region."""
