"""A stranger's check of a poll from public data. No web framework, no database, no import of the services."""
