"""The named variants of RFC 9474 section 5."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Suite:
    """A variant with SHA-384 and MGF1-SHA-384: salt and prefix lengths in bytes."""

    name: str
    salt_size: int
    prefix_size: int


RANDOMIZED: Final = Suite("RSABSSA-SHA384-PSS-Randomized", 48, 32)
"""The project's suite: blind even under a malicious key."""
