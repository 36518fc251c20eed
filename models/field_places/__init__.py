"""Where on a blank page something may be written: boxes, combs, cells and lines, seen in the picture of the page."""
