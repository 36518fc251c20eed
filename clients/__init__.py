"""What a client of the system does: send, receive, replay; topics, schemas and tables. No command line in here."""
