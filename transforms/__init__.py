"""Every Beam step: wiring over plain functions, no image or model logic."""
