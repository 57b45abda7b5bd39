"""What was cast. Never sees a person."""
