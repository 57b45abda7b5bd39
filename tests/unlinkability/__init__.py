"""How well an adversary links a person to a ballot, beyond guessing: simulated, and in the real stores."""
