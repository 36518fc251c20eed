"""Everything the Kafka client needs from us, in one place."""
