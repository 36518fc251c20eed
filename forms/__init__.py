"""Known forms: what a form is, where forms come from, and what its fields may hold. No pixels, no ML."""
