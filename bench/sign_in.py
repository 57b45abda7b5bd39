"""Sign-ins from ESIA's answer to the grant: a second of the issuer's processor time, and what of it is GOST.

The issuer has a core; its worker, the ESIA stand, which signs with GOST as ESIA does, and the residents share
the other. First every resident goes to ESIA, and some come back. Measured is what follows the answers to the
others: a signed request to ESIA, two tokens verified, the person read, the address looked up, the decision,
the choice of polls, the grant.
"""

import os
import secrets
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from bench.record import VAR
from bench.rows import QUICK, Row, report, share
from bench.signing import gost_rates
from issuer.esia.tokens import GOST
from shared.trust import parse_trust
from tests.programs.family import family, processor_seconds
from tests.programs.installation import Installation
from tests.programs.resident import Browser, Resident

RESIDENTS: Final = 240 if QUICK else 900
ROUNDS: Final = 3
"""Of which the best is told, as of all rounds (`bench.rows.best`)."""
FIRST: Final = 64
"""Residents who come before the measurement: a fresh process has pages and statements to put together."""
AT_ONCE: Final = 16
GOAL: Final = 100
"""A second and core."""
SIGNATURES, VERIFICATIONS = 1, 2


def rows() -> list[Row]:
    """Sign-ins a second of the issuer's core, by the clock as well, and the share of GOST."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        with tempfile.TemporaryDirectory(dir=VAR) as folder:
            processor, wall = _measured(Path(folder))
    finally:
        os.sched_setaffinity(0, cores)
    signing, verifying = gost_rates()
    gost = SIGNATURES / signing + VERIFICATIONS / verifying
    return [
        share("sign-in, from ESIA's answer to the grant", 1 / processor, "per second", GOAL, 1),
        Row("sign-in, by the clock, the stand on the other core", 1 / wall, "per second"),
        share("sign-in, of it GOST", gost * 1000, "ms", processor * 1000),
    ]


def _measured(folder: Path) -> tuple[float, float]:
    """Seconds of a sign-in: of the issuer's processor, and by the clock."""
    with (
        Installation(folder, crowd=FIRST + RESIDENTS, algorithm=GOST) as installation,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        issuer = installation.processes.pid("issuer")
        for task in (task for pid in family(issuer) for task in Path(f"/proc/{pid}/task").iterdir()):
            os.sched_setaffinity(int(task.name), {0})
        now = datetime.now(UTC)
        hour = timedelta(hours=1)
        poll_id = installation.publish("barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + hour)
        trust = parse_trust(installation.trust_file.read_bytes())
        with httpx.Client(timeout=60) as http:
            poll = Resident(http, trust, "").read_poll(poll_id)

            def to_esia(number: int) -> tuple[Resident, Browser, str]:
                resident, browser = Resident(http, trust, f"crowd-{number}"), Browser(http)
                url = resident.authorization_url([poll], 0, secrets.token_urlsafe(48), "")
                return resident, browser, resident.walk(browser, url, until=f"{trust.issuers[0].url}/esia/")

            def from_esia(waiting: tuple[Resident, Browser, str]) -> str:
                resident, browser, callback = waiting
                return resident.walk(browser, callback, until=f"{trust.client}/")

            waiting = list(pool.map(to_esia, range(FIRST + RESIDENTS)))
            list(pool.map(from_esia, waiting[:FIRST]))
            rounds = []
            for at in range(FIRST, FIRST + RESIDENTS, RESIDENTS // ROUNDS):
                before, start = processor_seconds(issuer), time.monotonic()
                answers = list(pool.map(from_esia, waiting[at : at + RESIDENTS // ROUNDS]))
                wall, processor = time.monotonic() - start, processor_seconds(issuer) - before
                if not all("code=" in answer for answer in answers):
                    raise RuntimeError("somebody got no grant")
                rounds.append((processor / len(answers), wall / len(answers)))
    return min(rounds)


if __name__ == "__main__":
    report(rows())
