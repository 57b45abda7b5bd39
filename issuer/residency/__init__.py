"""From a registration address to its municipality: a read-only table from FIAS GUID to OKTMO."""
