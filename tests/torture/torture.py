"""One database, many short lives: every run starts a server and a worker, and ends one or both by SIGKILL."""

import multiprocessing
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

import httpx

from ballot_box import tables
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.merkle import Frontier, leaf_hash
from crypto.signed_note import VerifierKey
from shared.db import read
from shared.encoding import format_time
from shared.log.sequencer import head_of
from shared.manifest import Poll
from tests.ballot_box.box import NOON, Box
from tests.torture.failpoints import CALLS, Failpoint
from tests.torture.programs import HOST, serve, work

BALLOTS_A_RUN = 12
SENDERS = 3
LONGEST_RUN = 0.6
"""Seconds until a run is ended wherever it is."""
FATED_RUN = 1.2
"""The same for a run that is to end at a failpoint: time to come there."""

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
    checkpoints: set[Checkpoint] = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter)
    """How many runs ended themselves at a failpoint, and how many were ended from outside."""

    def __post_init__(self) -> None:
        far = format_time(NOON.replace(year=NOON.year + 20))
        later = format_time(NOON.replace(year=NOON.year + 21))
        self.poll: Poll = self.box.publish(closes_at=far, include_by=later)
        self._key = VerifierKey.parse(self.poll.manifest.ballot_box.log_key)

    def run(self) -> None:
        """One life of the box: load, death, and what was promised before it."""
        point = self._fate()
        kill_at = time.monotonic() + (FATED_RUN if point else self.chance.uniform(0.05, LONGEST_RUN))
        in_server = self.chance.random() < 0.5
        server, url = self._start_server(point if in_server else None)
        worker = self._start_worker(None if in_server else point)
        mortal = (server if in_server else worker) if point else None
        sending = Thread(target=self._send_all, args=(url,))
        sending.start()
        while time.monotonic() < kill_at and (mortal is None or mortal.is_alive()):
            time.sleep(0.005)
        self.ended["failpoint" if mortal is not None and not mortal.is_alive() else "outside"] += 1
        for process in (server, worker):
            process.kill()
            process.join()
        sending.join()

    def finish(self) -> dict[str, int]:
        """Let everything be sequenced in peace; the counts of what went wrong, and of what was seen."""
        server, url = self._start_server(None)
        worker = self._start_worker(None)
        self._send_all(url)
        while self.box.waiting(self.poll) or self.box.checkpoint(self.poll).size < self._head():
            time.sleep(0.05)
        for process in (server, worker):
            process.kill()
            process.join()
        leaves = self.box.leaves(self.poll)
        counts = Counter(leaves[1:])
        return {
            "acknowledged": len(self.acknowledged),
            "lost": len(self.acknowledged - set(counts)),
            "doubled": sum(number > 1 for number in counts.values()),
            "checkpoints": len(self.checkpoints),
            "inconsistent": len(self.checkpoints - _heads(self._key.name, leaves)),
            "read_only": int((self.box.settings.state / "READ-ONLY").exists()),
        }

    def _fate(self) -> Failpoint | None:
        """Half of the runs end at a failpoint, the others at a random time."""
        if self.chance.random() < 0.5:
            return None
        call = self.chance.randrange(len(CALLS))
        return Failpoint(call, self.chance.random() < 0.5, self.chance.randint(1, 8))

    def _start_server(self, point: Failpoint | None) -> tuple[BaseProcess, str]:
        here, there = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=serve, args=(self.box.settings, NOON, point, there), daemon=True)
        process.start()
        there.close()
        return process, f"http://{HOST}:{here.recv()}"

    def _start_worker(self, point: Failpoint | None) -> BaseProcess:
        process = _CONTEXT.Process(target=work, args=(self.box.settings, NOON, point), daemon=True)
        process.start()
        return process

    def _send_all(self, url: str) -> None:
        """What was not answered before first; each by one of a few senders, until the server is gone."""
        ballots, self.unanswered = self.unanswered, []
        ballots += [self.box.ballot(self.poll) for _ in range(BALLOTS_A_RUN)]
        with httpx.Client(timeout=5) as http, ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(lambda ballot: self._send(http, url, ballot), ballots))

    def _send(self, http: httpx.Client, url: str, ballot: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        try:
            path = f"/polls/{self.poll.poll_id.hex()}/ballots"
            if http.post(url + path, content=ballot, headers=headers).status_code == 200:
                self.acknowledged.add(ballot)
            else:
                self.unanswered.append(ballot)
            log = "/log/" + self.poll.manifest.ballot_box.log_url.rpartition("/")[2]
            self.checkpoints.add(open_checkpoint(http.get(f"{url}{log}/checkpoint").content, self._key))
        except httpx.TransportError:
            if ballot not in self.acknowledged:
                self.unanswered.append(ballot)

    def _head(self) -> int:
        with read(self.box.engine) as conn:
            log_id = self.poll.manifest.ballot_box.log_url.rpartition("/")[2]
            return head_of(conn, tables.log, log_id).size


def torture(folder: Path, runs: int, seed: int) -> dict[str, int]:
    """So many runs in a folder; counts by name. `seed` chooses when and where they end."""
    task = Torture(Box(folder, lease=0.1), random.Random(seed))
    for _ in range(runs):
        task.run()
    return {"runs": runs, **task.finish(), "at_failpoints": task.ended["failpoint"]}


def _heads(origin: str, leaves: list[bytes]) -> set[Checkpoint]:
    """Every head that a log with these leaves has had."""
    tree, heads = Frontier(), set()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
        heads.add(Checkpoint(origin, tree.size, tree.root()))
    return heads
