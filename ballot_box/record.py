"""The record zip of a poll, docs/protocol.md 9.1: what this box has, and the issuers' logs over HTTP."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Final

import httpx
from sqlalchemy import Connection

from ballot_box import tables
from ballot_box.polls import known_poll
from ballot_box.public_files import log_paths, poll_files
from ballot_box.services import Services
from ballot_box.store import StoredPoll
from crypto.checkpoint import open_checkpoint
from crypto.errors import CryptoError
from crypto.signed_note import VerifierKey
from shared.db import read
from shared.log.publisher import published_size
from shared.log.reader import read_file
from shared.manifest import Issuer
from shared.outgoing import http_client
from shared.record import MAX_FILE_SIZE, record_path, write_zip


class NotOver(Exception):
    """The poll has no result and no cancellation yet."""


class IssuerSilent(Exception):
    """An issuance log cannot be had, or is not signed as the manifest says. The message names the URL."""


ANSWER_SECONDS: Final = 120.0
"""How long an issuer may take for one file."""

Content = Callable[[], bytes]


def write_record(box: Services, poll_id: bytes, out: IO[bytes]) -> None:
    """Write the record of a poll that is over: the same bytes every time.

    Its log is closed: each file is read on its own, and no transaction waits for issuers. Raises PollUnknown,
    NotOver, IssuerSilent.
    """
    with read(box.engine) as conn:
        poll = known_poll(conn, poll_id)
        files = dict(_own(box, conn, poll))
    with http_client(seconds=ANSWER_SECONDS) as http:
        for issuer in poll.manifest.issuers:
            files |= issuance_log(http, issuer)
        urls = sorted(files, key=record_path)
        write_zip(out, ((record_path(url), files[url]()) for url in urls))


def _own(box: Services, conn: Connection, poll: StoredPoll) -> Iterator[tuple[str, Content]]:
    url, small = box.settings.url, dict(poll_files(conn, poll))
    if not {"result.json", "cancellation.json"} & set(small):
        raise NotOver
    for name, data in small.items():
        yield f"{url}/polls/{poll.poll_id.hex()}/{name}", partial(bytes, data)
    for path in ("checkpoint", *log_paths(published_size(conn, tables.log, poll.log_id))):
        yield f"{url}/log/{poll.log_id}/{path}", partial(_log_file, box, poll.log_id, path)


def _log_file(box: Services, log_id: str, path: str) -> bytes:
    with read(box.engine) as conn:
        return read_file(conn, tables.log, log_id, path).data


def issuance_log(http: httpx.Client, issuer: Issuer) -> dict[str, Content]:
    """What an issuer's log consists of now, by URL, the checkpoint last. Raises IssuerSilent."""
    note = _fetch(http, f"{issuer.log_url}/checkpoint")
    try:
        size = open_checkpoint(note, VerifierKey.parse(issuer.log_key)).size
    except CryptoError as error:
        raise IssuerSilent(f"{issuer.log_url}/checkpoint: {error}") from None
    urls = [f"{issuer.log_url}/{path}" for path in log_paths(size)]
    tiles: dict[str, Content] = {url: partial(_fetch, http, url) for url in urls}
    return tiles | {f"{issuer.log_url}/checkpoint": partial(bytes, note)}


def _fetch(http: httpx.Client, url: str) -> bytes:
    """At most MAX_FILE_SIZE bytes, no redirects."""
    body = bytearray()
    try:
        with http.stream("GET", url) as response:
            if response.status_code != httpx.codes.OK:
                raise IssuerSilent(f"{url} answers {response.status_code}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_FILE_SIZE:
                    raise IssuerSilent(f"{url} answers too much")
    except httpx.HTTPError as error:
        raise IssuerSilent(f"{url}: {type(error).__name__}") from None
    return bytes(body)
