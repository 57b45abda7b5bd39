"""One database, many short lives: every run starts a server and a worker, and ends both by SIGKILL."""

import multiprocessing
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

import httpx

from ballot_box import tables
from bench.record import ballots_of
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.errors import CryptoError
from crypto.merkle import prove_consistency, verify_consistency
from crypto.signed_note import VerifierKey
from crypto.tiles import subtree_reader
from shared.catalogue import catalogue_url
from shared.db import read
from shared.encoding import format_time
from shared.log.sequencer import head_of
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.programs.processes import free_port
from tests.simulator import token_key_der
from tests.torture.failpoints import OF_SERVER, OF_WORKER, Failpoint
from tests.torture.programs import HOST, serve, work
from tests.watch import Watch

BALLOTS_A_RUN = 12
SENDERS = 3
FATED = 0.8
"""How many of the runs are to end at a failpoint; the others end at a random time."""
LONGEST_RUN = 0.6
"""Seconds, from when the server answers, until a run is ended wherever it is."""
FATED_RUN = 1.0
"""The same for a run that is to end at a failpoint: time to come there."""
START_SECONDS = 30.0

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.torture.programs"])


@dataclass
class Torture:
    """What was promised and seen over all runs."""

    box: Box
    chance: random.Random
    acknowledged: set[bytes] = field(default_factory=set)
    """Ballots that got a receipt."""
    unanswered: list[bytes] = field(default_factory=list)
    """Ballots whose reply was lost: sent again in the next run."""
    seen: dict[str, set[Checkpoint]] = field(default_factory=lambda: {"poll": set(), "catalogue": set()})
    """Every checkpoint that was served."""
    ended: Counter[str] = field(default_factory=Counter)
    """How many runs ended themselves at a failpoint, and how many were ended from outside."""

    def __post_init__(self) -> None:
        self._http = httpx.Client(timeout=5)
        times = {"closes_at": 20, "include_by": 21}
        now = self.box.watch.now
        past = format_time(now - timedelta(hours=1))
        later = {name: format_time(now + timedelta(days=365 * years)) for name, years in times.items()}
        self.poll: Poll = self.box.publish(issuance_opens_at=past, opens_at=past, **later)
        entry = self.poll.manifest.ballot_box
        self.logs = {
            "poll": (entry.log_url.removeprefix(entry.url), VerifierKey.parse(entry.log_key)),
            "catalogue": (catalogue_url(""), self.box.trust.ballot_box.catalogue),
        }

    def run(self) -> None:
        """One life of the box: load, death, and what was promised before it."""
        in_server = self.chance.random() < 0.5
        point = self._fate(OF_SERVER if in_server else OF_WORKER)
        lasting = FATED_RUN if point else self.chance.uniform(0.05, LONGEST_RUN)
        ballots = self._ballots()
        with self._box(point if in_server else None, None if in_server else point) as (url, server, worker):
            mortal = (server if in_server else worker) if point else None
            sending = Thread(target=self._send_all, args=(url, ballots))
            sending.start()
            kill_at = time.monotonic() + lasting
            while time.monotonic() < kill_at and (mortal is None or mortal.is_alive()):
                self._look(url)
                time.sleep(0.005)
            self.ended["failpoint" if mortal is not None and not mortal.is_alive() else "outside"] += 1
        sending.join()

    @property
    def seen_so_far(self) -> dict[str, int]:
        """What shows that the torture was one; checkpoints of all logs."""
        return {
            "acknowledged": len(self.acknowledged),
            "checkpoints": sum(map(len, self.seen.values())),
            "at_failpoints": self.ended["failpoint"],
        }

    def finish(self) -> dict[str, int]:
        """Let everything be sequenced in peace; the counts of what went wrong, and of what was seen."""
        with self._box(None, None) as (url, _, worker):
            self._send_all(url, self._ballots())
            while self.box.waiting(self.poll) or self.box.checkpoint(self.poll).size < self._head():
                assert worker.is_alive(), "the worker ended by itself"
                time.sleep(0.05)
            self._look(url)
        leaves = {name: self.box.log_entries(*log) for name, log in self.logs.items()}
        counts = {name: Counter(entries) for name, entries in leaves.items()}
        return {
            **self.seen_so_far,
            "lost": len(self.acknowledged - set(counts["poll"])),
            "doubled": sum(number > 1 for entries in counts.values() for number in entries.values()),
            "inconsistent": sum(self._inconsistent(name) for name in self.logs),
            "read_only": int((self.box.settings.state / "READ-ONLY").exists()),
        }

    def _fate(self, calls: tuple[str, ...]) -> Failpoint | None:
        if self.chance.random() >= FATED:
            return None
        return Failpoint(self.chance.choice(calls), self.chance.random() < 0.5, self.chance.randint(1, 6))

    @contextmanager
    def _box(
        self, in_server: Failpoint | None, in_worker: Failpoint | None
    ) -> Iterator[tuple[str, BaseProcess, BaseProcess]]:
        """Both programs of a box; at the end neither of them is there, nor any process of theirs."""
        environment, port = self.box.environment(), free_port(HOST)
        server = _CONTEXT.Process(target=serve, args=(environment, port, in_server))
        worker = _CONTEXT.Process(target=work, args=(environment, in_worker))
        for process in (server, worker):
            process.start()
        try:
            _wait_until_it_listens(port, server)
            yield f"http://{HOST}:{port}", server, worker
        finally:
            for process in (server, worker):
                _end(process)

    def _ballots(self) -> list[bytes]:
        """What was not answered before, and some new ones."""
        ballots, self.unanswered = self.unanswered, []
        return ballots + ballots_of(self.poll.manifest_bytes, token_key_der(0), BALLOTS_A_RUN)

    def _send_all(self, url: str, ballots: list[bytes]) -> None:
        """Each by one of a few senders, until the server is gone."""
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(lambda ballot: self._send(url, ballot), ballots))

    def _send(self, url: str, ballot: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        try:
            path = f"/polls/{self.poll.poll_id.hex()}/ballots"
            if self._http.post(url + path, content=ballot, headers=headers).status_code == 200:
                self.acknowledged.add(ballot)
            else:
                self.unanswered.append(ballot)
        except httpx.TransportError:
            self.unanswered.append(ballot)

    def _look(self, url: str) -> None:
        """Keep the checkpoints that are served now."""
        with suppress(httpx.TransportError):
            for name, (log, key) in self.logs.items():
                note = self._http.get(f"{url}{log}/checkpoint").content
                self.seen[name].add(open_checkpoint(note, key))

    def _inconsistent(self, name: str) -> int:
        """How many checkpoints of a log cannot be proven to be prefixes of what it serves now."""
        log, key = self.logs[name]
        last = open_checkpoint(self.box.get(f"{log}/checkpoint"), key)
        subtree = subtree_reader(last.size, lambda tile: self.box.get(f"{log}/{tile.path()}"))
        wrong = 0
        for seen in self.seen[name]:
            try:
                proof = prove_consistency(seen.size, last.size, subtree)
                verify_consistency(seen.size, last.size, proof, seen.root, last.root)
            except (CryptoError, ValueError):
                wrong += 1
        return wrong

    def _head(self) -> int:
        with read(self.box.engine) as conn:
            log_id = self.poll.manifest.ballot_box.log_url.rpartition("/")[2]
            return head_of(conn, tables.log, log_id).size


def torture(folder: Path, runs: int, seed: int, least: Mapping[str, int] | None = None) -> dict[str, int]:
    """So many runs in a folder; counts by name. `seed` chooses when and where they end.

    `least`: what is to be seen of `acknowledged`, `checkpoints`, `at_failpoints`. A slow machine gets up to
    ten times the runs for it.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    task = Torture(Box(folder, Watch(now), lease=0.1), random.Random(seed))
    done, wanted = 0, least or {}
    while done < runs or (done < 10 * runs and any(task.seen_so_far[what] < n for what, n in wanted.items())):
        task.run()
        done += 1
    return {"runs": done, **task.finish()}


def _wait_until_it_listens(port: int, server: BaseProcess) -> None:
    """Wait for the server, or for its death."""
    deadline = time.monotonic() + START_SECONDS
    while server.is_alive() and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.01)


def _end(process: BaseProcess) -> None:
    """SIGKILL to a program and all of its processes."""
    assert process.pid is not None
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(process.pid, signal.SIGKILL)
    process.join()
