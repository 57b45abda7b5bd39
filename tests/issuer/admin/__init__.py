"""The office: who may do what, and what is kept."""
