"""A C2SP witness (c2sp.org/tlog-witness): cosigns what extends what it cosigned before, nothing else."""
