"""Makes the artifacts of `ocr`: networks for characters and words, spelling, how sure all of them are."""
