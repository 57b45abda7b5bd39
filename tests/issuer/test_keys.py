"""Keys: written once, found again, told apart."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from issuer.custody import Custody
from issuer.keys import KeysMissing, KeyStore
from shared.encoding import b64u

KEK = Custody.parse(b64u(bytes(32)))


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    store = KeyStore(tmp_path / "state", KEK)
    store.create()
    return store


def test_creating_again_keeps_the_statement_key(keys: KeyStore) -> None:
    before = keys.statement_seed()
    keys.create()
    assert keys.statement_seed() == before


def test_without_init_the_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"statement\.current"):
        KeyStore(tmp_path, KEK).statement_key()


def test_making_again_finds_the_same_keys(keys: KeyStore) -> None:
    first = keys.make(bytes(32), 2048)
    assert keys.make(bytes(32), 2048) == first
    assert keys.make(b"\x01" * 32, 2048).log_id != first.log_id


def test_keys_made_at_once_are_one_set(keys: KeyStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: keys.make(bytes(32), 2048).log_key, range(8)))
    assert len(made) == 1


def test_adopting_again_is_nothing_new(keys: KeyStore) -> None:
    keys.make(bytes(32), 2048)
    keys.adopt(bytes(32), b"\x07" * 32)
    seed = keys.log_seed(b"\x07" * 32)
    keys.adopt(bytes(32), b"\x07" * 32)
    assert keys.log_seed(b"\x07" * 32) == seed


def test_keys_that_were_never_made_cannot_be_adopted(keys: KeyStore) -> None:
    with pytest.raises(KeysMissing):
        keys.adopt(bytes(32), b"\x07" * 32)


@pytest.mark.attack("A11")
def test_a_pseudonym_is_the_hmac_of_the_snils(keys: KeyStore, tmp_path: Path) -> None:
    keys.make(bytes(32), 2048)
    keys.adopt(bytes(32), b"\x07" * 32)
    name = f"polls/{'07' * 32}/pseudonym.key"
    key = KEK.unwrap(name, (tmp_path / "state" / name).read_bytes())
    expected = hmac.digest(key, b"00000060002", hashlib.sha256)
    assert keys.pseudonym(b"\x07" * 32, "00000060002") == expected


@pytest.mark.parametrize("snils", ["", "000-000-600 02", "0000006000", "٠٠٠٠٠٠٦٠٠٠٢", "00000060002\n"])
def test_what_is_no_snils_has_no_pseudonym(keys: KeyStore, snils: str) -> None:
    with pytest.raises(ValueError, match="11 ASCII digits"):
        keys.pseudonym(bytes(32), snils)
