"""The registry of attacks (docs/attacks.md), and what stands against each row."""
