"""Every secret under the newest key-encryption key; also those that lay plain before there was one."""

from collections.abc import Iterator

from crypto import ed25519
from issuer.custody import kid_of
from issuer.keys import KeyStore
from shared.durable import remove_durably, write_durably

_OLD_STATEMENT_KEY = "statement.key"
"""Where the statement key lay, plain, before it was wrapped."""


def rewrap(keys: KeyStore) -> Iterator[str]:
    """Wrap what is not yet under the newest key, and tell its name; repeatable after a crash at any point.

    No other process of the issuer may run. Raises SecretUnreadable.
    """
    keys.make_folders()
    yield from _take_old_statement_key(keys)
    for name in keys.names():
        path = keys.state / name
        held = path.read_bytes()
        kid = kid_of(held)
        if kid == keys.custody.kid:
            continue
        secret = held if kid is None else keys.custody.unwrap(name, held)
        write_durably(path, keys.custody.wrap(name, secret))
        yield name


def _take_old_statement_key(keys: KeyStore) -> Iterator[str]:
    """A plain statement key of an earlier version becomes one of the wrapped ones, in use."""
    old = keys.state / _OLD_STATEMENT_KEY
    if not old.exists():
        return
    seed = old.read_bytes()
    public = ed25519.public_key(seed)
    keys.add_statement_key(seed)
    keys.use_statement_key(public)
    remove_durably(old)
    yield _OLD_STATEMENT_KEY
