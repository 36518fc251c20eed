"""What happens to paper and scans on their way in."""
