"""The sample form of docbeam: Northmere Mutual, membership and loan application."""
