"""The fraud catalogue: honest elections with one crime each, and the checks that must name it."""
