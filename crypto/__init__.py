"""The mathematics: bytes in, bytes out. Knows no poll."""
