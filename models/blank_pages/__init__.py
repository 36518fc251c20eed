"""Blank pages of registered forms, and how a page is compared with them and laid onto them.

What `document-type` and the reading of known forms both need; models do not import one another.
"""
