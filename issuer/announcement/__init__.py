"""The announcement of a poll as page, text and poster: pure functions of its manifest and the trust root."""
