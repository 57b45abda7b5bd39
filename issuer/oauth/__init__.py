"""Sign-in: an OAuth 2.0 authorization server for the client, with ESIA behind it (docs/protocol.md 5.1)."""
