"""Hostile bytes for every decoder: its own error, or a value that encodes back to them, and nothing else."""
