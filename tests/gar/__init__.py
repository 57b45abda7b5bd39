"""A region's part of the address register in the real format, made up: `python -m tests.gar DIR 200000`."""
