"""How a page lies: quarter turns and fine angle."""
