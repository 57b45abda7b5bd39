"""`make load`: a wave of residents, each from the sign-in through ESIA to the receipt, arriving at random.

RESIDENTS (10,000), RATE (16 a second) in the environment. Arrivals are a Poisson process and wait for nobody
(open loop): each time is measured from when the resident was due. Stand, issuer, ballot box and residents
share the machine, so processor time is printed by process. The last line is a JSON object.
"""

import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from bench.openssl import bare_rate, rsa_rates
from shared.manifest import Poll
from shared.trust import TrustRoot, parse_trust
from tests.programs.family import processor_seconds
from tests.programs.installation import Installation
from tests.programs.journey import choose, say
from tests.programs.resident import Refused, Resident

RESIDENTS: Final = int(os.environ.get("RESIDENTS", "10000"))
RATE: Final = float(os.environ.get("RATE", "16"))
SEED: Final = int(os.environ.get("SEED", "1"))
AT_ONCE: Final = 256
SHARES: Final = (0.5, 0.9, 0.99)
STEPS: Final = ("sign-in", "token", "ballot")
SERVICES: Final = ("stand", "issuer", "issuer-worker", "box", "box-worker")


@dataclass
class Outcome:
    """By step the seconds from when the resident was due to its end; what was refused, by slug."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, step: str, due: float) -> None:
        """A resident has finished a step now."""
        with self.lock:
            self.seconds[step].append(time.monotonic() - due)


def main() -> int:
    """Run the wave; the exit code is 0 when everybody voted."""
    with tempfile.TemporaryDirectory(prefix="veche-load-") as folder:
        return wave(Path(folder))


def wave(folder: Path) -> int:
    """The wave on an installation under a folder; the exit code."""
    length = timedelta(seconds=RESIDENTS / RATE)
    with Installation(folder, crowd=RESIDENTS) as installation:
        now = datetime.now(UTC)
        poll_id = installation.publish(
            "barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + 3 * length + timedelta(hours=1)
        )
        trust = parse_trust(installation.trust_file.read_bytes())
        with httpx.Client() as http:
            poll = Resident(http, trust, "").read_poll(poll_id)
        say(f"{RESIDENTS} residents, {RATE:g} a second")
        before, start = _processor_seconds(installation), time.monotonic()
        outcome = _everybody(trust, poll)
        elapsed = time.monotonic() - start
        after = _processor_seconds(installation)
    voted = len(outcome.seconds["ballot"])
    used = {name: round(1000 * (after[name] - before[name]) / max(1, voted), 2) for name in SERVICES}
    print(json.dumps(_summary(outcome, voted, elapsed, used), sort_keys=True), flush=True)
    return 0 if voted == RESIDENTS else 1


def _everybody(trust: TrustRoot, poll: Poll) -> Outcome:
    outcome, draw = Outcome(), random.Random(SEED)  # noqa: S311 - arrivals, no secrets
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    with httpx.Client(timeout=60, limits=limits) as http, ThreadPoolExecutor(AT_ONCE) as pool:
        due = time.monotonic()
        for number in range(RESIDENTS):
            due += draw.expovariate(RATE)
            time.sleep(max(0.0, due - time.monotonic()))
            pool.submit(_vote, Resident(http, trust, f"crowd-{number}"), poll, number, due, outcome)
            if number % 1000 == 999:
                say(f"{number + 1} have come, {len(outcome.seconds['ballot'])} have voted")
    return outcome


def _vote(resident: Resident, poll: Poll, number: int, due: float, outcome: Outcome) -> None:
    try:
        wanted = resident.prepare(poll)
        access_token = resident.sign_in([poll])
        outcome.note("sign-in", due)
        token = resident.ask(access_token, wanted)
        outcome.note("token", due)
        resident.cast(poll, resident.make_ballot(wanted, [token], choose(poll.manifest, number)))
        outcome.note("ballot", due)
    except Refused as refused:
        outcome.refused[refused.slug] += 1
    except (httpx.HTTPError, ValueError) as error:
        outcome.refused[type(error).__name__] += 1


def _processor_seconds(installation: Installation) -> dict[str, float]:
    return {name: processor_seconds(installation.processes.pid(name)) for name in SERVICES}


def _summary(outcome: Outcome, voted: int, elapsed: float, used: dict[str, float]) -> dict[str, object]:
    signing, _ = rsa_rates(3072)
    return {
        "residents": RESIDENTS,
        "voted": voted,
        "refused": dict(outcome.refused),
        "seconds": round(elapsed, 1),
        "voted_per_second": round(voted / elapsed, 1),
        "seconds_from_due": {
            step: {f"p{100 * share:g}": _percentile(seconds, share) for share in SHARES}
            for step, seconds in outcome.seconds.items()
        },
        "processor_ms_per_resident": used,
        "residents_per_hour_and_core": {
            "issuer": round(3_600_000 / max(0.01, used["issuer"])),
            "box": round(3_600_000 / max(0.01, used["box"])),
        },
        "limits_ms": {"rsa3072_sign": round(1000 / signing, 2), "ballot": round(1000 / bare_rate(1), 2)},
    }


def _percentile(seconds: Sequence[float], share: float) -> float | None:
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None


if __name__ == "__main__":
    sys.exit(main())
