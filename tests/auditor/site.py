"""A simulated poll that answers over HTTP, for programs that are told only its address."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.catalogue import catalogue_url
from shared.encoding import parse_canonical
from shared.manifest import Poll, build_manifest
from shared.trust import TrustRoot
from tests.simulator import ANSWERS, Election, log_key, open_election, seed

Trap = Callable[[http.server.BaseHTTPRequestHandler], None]
"""What a server does in place of an honest answer."""


@dataclass
class Site:
    """A box and an issuer that answer under one address from what `show` wrote last.

    `traps`: by the end of a path.
    """

    folder: Path
    election: Election
    traps: dict[str, Trap] = field(default_factory=dict)

    @property
    def poll_url(self) -> str:
        return f"{self.election.poll.manifest.ballot_box.url}/polls/{self.election.poll.poll_id.hex()}"

    def show(self, election: Election) -> None:
        for url, data in election.record().files().items():
            path = self.folder / url.split("/", 3)[3]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@contextmanager
def running_site(folder: Path, **changes: Any) -> Iterator[Site]:
    """A poll of four ballots, long over, not closed yet; `show` puts it online. `changes` are members."""
    traps: dict[str, Trap] = {}
    with _serving(folder, traps) as address:
        small = open_election()
        members = parse_canonical(small.poll.manifest_bytes)
        for service, name in ((members["issuers"][0], "issuer"), (members["ballot_box"], "box")):
            service["url"] = f"{address}/{name}"
            service["log_url"] = f"{address}/{name}/log/" + "0123456789abcdef" * 2
            service["log_key"] = log_key(service["log_url"], seed(f"{name} log"))
        for time in ("issuance_opens_at", "opens_at", "closes_at", "include_by"):
            members[time] = members[time].replace("2026", "2025")
        poll = build_manifest(members | changes)
        election = Election(poll, entries=[poll.first_leaf], trust=_trust(small, poll))
        for answers in ANSWERS:
            election.cast(election.ballot(answers))
        yield Site(folder, election, traps)


def _trust(small: Election, poll: Poll) -> TrustRoot:
    """The trust root of the sample poll with the addresses of this one."""
    assert small.trust is not None
    issuer = small.trust.issuers[0].model_copy(update={"url": poll.manifest.issuers[0].url})
    url = poll.manifest.ballot_box.url
    key = log_key(catalogue_url(url), seed("catalogue"))
    box = small.trust.ballot_box.model_copy(update={"url": url, "catalogue_key": key})
    return small.trust.model_copy(update={"issuers": (issuer,), "ballot_box": box})


@contextmanager
def _serving(folder: Path, traps: dict[str, Trap]) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            trap = next((traps[end] for end in traps if self.path.endswith(end)), None)
            if trap is None:
                super().do_GET()
            else:
                trap(self)

        def log_message(self, *_: object) -> None:
            return

        def do_PUT(self) -> None:
            """As a box does: what is put at /polls/<id>/opening stands at /polls/<id>/opening.json."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / f"{self.path.removeprefix('/')}.json").write_bytes(body)
            self.send_response(201)
            self.end_headers()

    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
