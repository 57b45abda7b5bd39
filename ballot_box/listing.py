"""Published polls as lists need them. A region has thousands over the years, and most of them are over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ballot_box import store
from shared.manifest import Manifest, Territory


@dataclass(frozen=True, slots=True)
class Listed:
    """When and where a poll is held; the public key of a sealed one, b64u."""

    poll_id: bytes
    opens_at: datetime
    closes_at: datetime
    territory: tuple[Territory, ...]
    sealing_key: str | None

    @classmethod
    def of(cls, poll_id: bytes, manifest: Manifest) -> "Listed":
        """What of a manifest is listed."""
        key = manifest.sealing.public_key if manifest.sealing else None
        return cls(poll_id, manifest.opens_at, manifest.closes_at, tuple(manifest.territory), key)


class Listing:
    """Remembers what it has read: a published poll never changes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Listed] = {}

    def all(self, conn: Connection) -> list[Listed]:
        """Every published poll: what closes last first, of those that close together by id."""
        ids = store.poll_ids(conn)
        for poll_id, manifest in store.manifests(conn, [one for one in ids if one not in self._known]):
            self._known[poll_id] = Listed.of(poll_id, manifest)
        return sorted((self._known[one] for one in ids), key=lambda one: one.closes_at, reverse=True)
