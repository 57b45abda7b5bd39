"""`make ha`: kill and freeze what leads while ballots and tokens go on; the last line is one JSON object.

MINUTES (2), BALLOTS (200) and TOKENS (50) a second in the environment. Exit code 1 unless every acknowledged
ballot and token is in the public logs exactly once and the audit passes.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from crypto.checkpoint import open_checkpoint
from crypto.keys import load_token_key
from crypto.merkle import leaf_hash, root_of
from crypto.signed_note import VerifierKey
from crypto.tiles import bundles_of, decode_bundle
from shared.encoding import from_b64u
from shared.issuance_promise import issuance_leaf
from shared.manifest import Poll
from tests.ha.database import Database, install_programs
from tests.ha.load import Stream
from tests.ha.poll import (
    Request,
    ballot_request,
    make_ballots,
    make_requests,
    publish,
    token_request,
)
from tests.ha.region import Region
from tests.programs.installation import HOSTS
from tests.programs.processes import command

SECONDS: Final = float(os.environ.get("MINUTES", "2")) * 60
BALLOTS: Final = float(os.environ.get("BALLOTS", "200"))
TOKENS: Final = float(os.environ.get("TOKENS", "50"))
RESTART_SECONDS: Final = 5.0
"""After so long a killed program is started again, as systemd does."""
SETTLING: Final = timedelta(seconds=30)
"""Between the end of the load, if all goes well, and the close of the poll."""


class Disasters:
    """What happens to whom, in order, while the load runs."""

    def __init__(self, region: Region, database: Database) -> None:
        self._region, self._database = region, database
        self.hit: list[str] = []
        self._started = time.monotonic()

    def run(self) -> None:
        """Kill the leader, a ballot box, an issuer; freeze the new leader until another one leads."""
        self._wait(0.08)
        killed = self._database.wait_for_leader()
        self._strike(f"SIGKILL {killed}, which leads", lambda: self._database.signal(killed, signal.SIGKILL))
        successor = self._database.wait_for_leader(other_than=killed)
        self._say(f"{successor} leads")
        self._database.start_node(killed)
        self._kill(0.35, "box1", "box-worker1")
        self._kill(0.45, "issuer1", "issuer-worker1")
        self._wait(0.55)
        self._database.wait_until_whole()
        frozen = self._database.wait_for_leader()
        self._strike(f"SIGSTOP {frozen}, which leads", lambda: self._database.signal(frozen, signal.SIGSTOP))
        try:
            self._say(f"{self._database.wait_for_leader(other_than=frozen)} leads")
            self._wait(0.9)
        finally:
            self._database.signal(frozen, signal.SIGCONT)
        self._say(f"{frozen} goes on")

    def _kill(self, share: float, *names: str) -> None:
        self._wait(share)
        for name in names:
            self._strike(f"SIGKILL {name}", lambda name=name: self._region.kill(name))
        time.sleep(RESTART_SECONDS)
        for name in names:
            self._region.start(name)

    def _wait(self, share: float) -> None:
        time.sleep(max(0.0, self._started + share * SECONDS - time.monotonic()))

    def _strike(self, what: str, how: Any) -> None:
        self._say(what)
        self.hit.append(what)
        how()

    def _say(self, what: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {what}", file=sys.stderr, flush=True)


async def under_load(disasters: Disasters, streams: Sequence[Stream]) -> None:
    """Run the load and the disasters together, to the end of both."""
    await asyncio.gather(asyncio.to_thread(disasters.run), *(stream.run() for stream in streams))


def log_entries(log_url: str, key: str) -> list[bytes]:
    """All published entries of a log, checked against its checkpoint."""
    with httpx.Client(timeout=30) as http:
        head = open_checkpoint(http.get(f"{log_url}/checkpoint").content, VerifierKey.parse(key))
        entries: list[bytes] = []
        for bundle in bundles_of(head.size):
            entries += decode_bundle(http.get(f"{log_url}/{bundle.path()}").content, bundle.width)
    assert root_of(map(leaf_hash, entries)) == head.root
    return entries


def token_leaves(poll: Poll, requests: Sequence[Request], answers: dict[int, bytes]) -> list[bytes]:
    """The leaves that the acknowledged tokens were promised; each signature is checked."""
    key, leaves = load_token_key(from_b64u(poll.manifest.issuers[0].token_key)), []
    for number, body in answers.items():
        answer, asked = json.loads(body), requests[number]
        signature = int.from_bytes(from_b64u(answer["blind_signature"]), "big")
        assert pow(signature, key.e, key.n) == int.from_bytes(asked.message, "big")
        leaves.append(issuance_leaf(poll.poll_id, asked.pseudonym, from_b64u(answer["nonce"]), asked.message))
    return leaves


def audit(region: Region, poll: Poll) -> str:
    """What veche-audit says once the poll is over."""
    argv = [command("veche-audit"), "verify", f"{region.url('box')}/polls/{poll.poll_id.hex()}"]
    argv += ["--trust", str(region.trust_file), "--json"]
    time.sleep(max(0.0, (poll.manifest.closes_at - datetime.now(UTC)).total_seconds() + 5))
    deadline = datetime.now(UTC) + timedelta(seconds=90)
    while True:
        done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 2 or datetime.now(UTC) > deadline:
            return {0: "verified", 1: "failed"}.get(done.returncode, "inconclusive")
        time.sleep(3)


def experiment(region: Region, database: Database) -> dict[str, Any]:
    """The whole of it; what is printed as the last line."""
    number = int(BALLOTS * SECONDS)
    making = timedelta(seconds=30 + number / 400)
    poll = publish(region, datetime.now(UTC) + making + timedelta(seconds=SECONDS) + SETTLING)
    ballots = make_ballots(region, poll, number)
    requests = make_requests(region, poll, int(TOKENS * SECONDS))
    cast = [ballot_request(region, poll, ballot) for ballot in ballots]
    asked = [token_request(region, poll, request) for request in requests]
    box = Stream((HOSTS["box"], region.ports["box"]), cast, BALLOTS)
    issuer = Stream((HOSTS["issuer"], region.ports["issuer"]), asked, TOKENS)
    disasters = Disasters(region, database)
    asyncio.run(under_load(disasters, (box, issuer)))
    database.wait_until_whole()
    verdict = audit(region, poll)
    manifest = poll.manifest
    logged = Counter(log_entries(manifest.ballot_box.log_url, manifest.ballot_box.log_key))
    logged += Counter(log_entries(manifest.issuers[0].log_url, manifest.issuers[0].log_key))
    acknowledged = [ballots[n] for n in box.answers] + token_leaves(poll, requests, issuer.answers)
    return {
        "acknowledged": len(acknowledged),
        "lost": sum(logged[leaf] == 0 for leaf in acknowledged),
        "doubled": sum(count > 1 for count in logged.values()),
        "outage_s": round(max(box.longest_silence(), issuer.longest_silence()), 1),
        "ballots": len(box.answers),
        "tokens": len(issuer.answers),
        "seconds": round(max(box.times) - min(box.times), 1),
        "refused": box.refused | issuer.refused,
        "hit": disasters.hit,
        "audit": verdict,
    }


def main() -> int:
    """Set up, run, tell; 0 when nothing was lost."""
    missing = install_programs()
    if missing:
        print(f"make ha needs {', '.join(missing)}; as root on Debian it installs them", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, then, too
    with tempfile.TemporaryDirectory(prefix="veche-ha-", ignore_cleanup_errors=True) as name:
        region = Region(Path(name))
        database = region.database_nodes = Database(Path(name), region.processes)
        try:
            database.start()
            with region:
                result = experiment(region, database)
        finally:
            database.kill()
            region.processes.stop_all()
    print(json.dumps(result, ensure_ascii=False))
    return int(bool(result["lost"] or result["doubled"] or result["audit"] != "verified"))


if __name__ == "__main__":
    sys.exit(main())
