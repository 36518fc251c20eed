"""What the form reader learns from drawn forms: how sure it may be."""
