"""RSABSSA (RFC 9474) as three roles: client, signer, verifier."""
