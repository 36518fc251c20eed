"""Reading one field: crops, combs, characters in boxes, handwriting."""
