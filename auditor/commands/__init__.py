"""The commands of `veche-audit`, one per module."""
