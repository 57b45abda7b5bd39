"""A new statement key, with an overlap: trust.json names the old one and the new one (docs/operations.md).

An issuer stands in trust.json once per statement key, the newest last, under one URL. Verifiers take a
manifest whose (URL, key) stands there. A poll is signed, and its promises are made, with the key that its
manifest names, for as long as the poll is not archived.
"""

from collections.abc import Iterable

from issuer.keys import KeyStore
from issuer.polls import own_entry
from shared.encoding import from_b64u
from shared.manifest import Poll
from shared.trust import TrustRoot


class StillNeeded(Exception):
    """A key that must not be destroyed yet. The message says what needs it."""


def rotate(keys: KeyStore, trust: TrustRoot, url: str) -> tuple[bytes, bool]:
    """The new public statement key, and whether it signs new polls from now on.

    The first call makes it. A later call, when the trust root names it last among the entries of this issuer,
    puts it to use. Between the two every call tells the same key.
    """
    with keys.alone("keys"):
        named = [from_b64u(entry.statement_key) for entry in trust.issuers if entry.url == url]
        made = [public for public in keys.statement_keys() if public not in named]
        newest = named[-1] if named else None
        if newest in keys.statement_keys() and newest != keys.statement_key():
            keys.use_statement_key(newest)
            return newest, True
        return (made[0] if made else keys.make_statement_key()), False


def destroy_statement_key(keys: KeyStore, public: bytes, unarchived: Iterable[Poll], url: str) -> None:
    """Destroy a statement key that nothing signs with any more; repeatable. Raises StillNeeded."""
    if public == keys.statement_key():
        raise StillNeeded("it signs new polls")
    for poll in unarchived:
        if from_b64u(own_entry(poll, url).statement_key) == public:
            raise StillNeeded(f"poll {poll.poll_id.hex()} names it and is not archived")
    keys.destroy(f"statement/{public.hex()}.key")
