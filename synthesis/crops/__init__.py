"""Small pictures of single fields, boxes and regions, fast enough to be drawn while training."""
