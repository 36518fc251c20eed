"""Finds the boxes and radio buttons of a page and says what was done to each."""
