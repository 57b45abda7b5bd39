"""The trustees of sealed polls: a ceremony on a machine without a network, and the opening after closing."""
