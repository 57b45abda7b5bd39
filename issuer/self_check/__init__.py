"""A resident asks whether a token was issued in their name, and takes the evidence (docs/protocol.md 5.6)."""
