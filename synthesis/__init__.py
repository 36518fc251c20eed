"""Made-up documents with known truth.

A form is laid out, printed, filled by hand, then scanned, photocopied, faxed or photographed. One generator serves the
committed samples, the tests and the training of every model. Everything is drawn from a declaration and a seed, so the
same call gives the same pixels. Coordinates of layouts are points (1/72 inch) from the top left of the page; a `Sheet`
carries the 3x3 matrix from there to its pixels.
"""
