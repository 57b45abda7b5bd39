"""`make ha`: a region on loopback, under load, while its parts are killed and frozen."""
