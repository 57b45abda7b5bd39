"""From what a user names to a source and a poll in it (docs/protocol.md 9.1)."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from auditor.source import Folder, Mirror, NotThere, OpenSource, OutOfReach, Zip
from shared.manifest import MAX_MANIFEST_SIZE, ManifestInvalid, parse_manifest
from shared.record import record_path

_POLL_FILE = re.compile(r"([^/]+)/((?:[^/]+/)*polls/([0-9a-f]{64}))/manifest\.json")


class NoPoll(Exception):
    """The named source is none, or does not hold exactly one poll that could be meant."""


@dataclass(frozen=True, slots=True)
class PollSource:
    """A source and the URL of the poll in it."""

    open: OpenSource
    poll_url: str


def open_poll(named: str, poll_id: str | None, seconds: float) -> PollSource:
    """Take a URL, a folder or a record zip. `seconds` bounds reading over the network.

    Raises NoPoll, OutOfReach.
    """
    if named.startswith(("http://", "https://")):
        from auditor.web import Web  # noqa: PLC0415 - slow to load, and a folder needs none of it

        return _over_network(Web(time.monotonic() + seconds), named.rstrip("/"))
    path = Path(named)
    if path.is_dir():
        files = (str(file.relative_to(path)) for file in path.glob("*/**/polls/*/manifest.json"))
        return PollSource(Folder(path), _one_poll(files, poll_id))
    if path.is_file():
        return PollSource(Zip(path), _one_poll(Zip(path).names(), poll_id))
    raise NoPoll(f"{named} is neither a URL nor a folder nor a record zip")


def _over_network(web: OpenSource, named: str) -> PollSource:
    """The services themselves; or a mirror, where the manifest is of a box whose host stands in the path."""
    try:
        manifest = parse_manifest(web()(f"{named}/manifest.json", MAX_MANIFEST_SIZE + 1)).manifest
    except (NotThere, OutOfReach, ManifestInvalid):
        return PollSource(web, named)
    poll_url = f"{manifest.ballot_box.url}/polls/{named.rpartition('/')[2]}"
    tail = record_path(poll_url)
    if named == poll_url or not named.endswith(f"/{tail}"):
        return PollSource(web, named)
    return PollSource(Mirror(web, named.removesuffix(tail)), poll_url)


def _one_poll(files: Iterable[str], poll_id: str | None) -> str:
    found = [match for file in sorted(files) if (match := _POLL_FILE.fullmatch(file))]
    chosen = [match for match in found if poll_id in (None, match[3])]
    if len(chosen) != 1:
        raise NoPoll(f"{len(chosen)} polls where one is due (--poll names it)")
    host, path, _ = chosen[0].groups()
    return f"http://{host.replace('_', ':')}/{path}"
