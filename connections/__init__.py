"""What lies outside, reached without Beam: Kafka, schema registry, warehouse."""
