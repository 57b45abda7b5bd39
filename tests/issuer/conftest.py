"""An office per test."""

from itertools import cycle
from pathlib import Path

import pytest

from crypto.keys import generate_token_key
from tests.issuer.office import Office
from tests.simulator import token_key_der

STOCK = cycle(range(8))


@pytest.fixture(autouse=True)
def _token_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Token keys of 2048 bits come from a stock, in turn: making one takes longer than most tests."""

    def next_one(bits: int) -> bytes:
        return token_key_der(next(STOCK)) if bits == 2048 else generate_token_key(bits)

    monkeypatch.setattr("issuer.keys.generate_token_key", next_one)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A fresh issuer."""
    return Office(tmp_path)
