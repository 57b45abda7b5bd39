"""The demo, the journey, and what they stand on: an installation of real processes, a reference resident."""
