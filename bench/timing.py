"""What the time of an answer tells, reported and never asserted: `python -m bench.timing`.

Two classes of SAMPLES (2000) each, measured in turns: medians, and Welch's t of the times below the 90th
percentile (as dudect does). A |t| above 4.5 would be a difference that the sample shows.
"""

import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from crypto.blind_rsa.signer import blind_sign
from crypto.keys import generate_token_key, public_key_of
from crypto.signers import gmp, openssl
from issuer.app import create_app
from issuer.keys import VoterPseudonym
from tests.issuer.office import Office

SAMPLES: Final = int(os.environ.get("SAMPLES", "2000"))


def compared(
    name: str, operation: Callable[[Any], object], first: Sequence[Any], second: Sequence[Any]
) -> dict[str, object]:
    """Times of an operation on two classes of inputs, in turns."""
    times: tuple[list[int], list[int]] = ([], [])
    for pair in zip(first, second, strict=True):
        for given, spent in zip(pair, times, strict=True):
            started = time.perf_counter_ns()
            operation(given)
            spent.append(time.perf_counter_ns() - started)
    limit = sorted(times[0] + times[1])[int(1.8 * len(first))]
    one, two = ([spent for spent in spents if spent <= limit] for spents in times)
    spread = statistics.variance(one) / len(one) + statistics.variance(two) / len(two)
    return {
        "name": name,
        "samples": len(first),
        "medians_us": [round(statistics.median(spents) / 1000, 2) for spents in times],
        "t": round((statistics.fmean(one) - statistics.fmean(two)) / spread**0.5, 2),
    }


def signers() -> list[dict[str, object]]:
    """One message over and over, against a new one each time."""
    der = generate_token_key(2048)
    key, fixed = public_key_of(der), bytes(1) + secrets.token_bytes(255)
    fresh = [bytes(1) + secrets.token_bytes(255) for _ in range(SAMPLES)]
    return [
        compared(
            f"signing by {name}: one message, or another each time",
            partial(blind_sign, key, private_operation(der)),
            [fixed] * SAMPLES,
            fresh,
        )
        for name, private_operation in (
            ("libcrypto", openssl.private_operation),
            ("gmpy2", gmp.private_operation),
        )
    ]


def refusals() -> dict[str, object]:
    """An access token that never was, against one that has expired."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        office.prepare_sign_in()
        http, poll = create_app(office.settings, office.watch).test_client(), office.publish()
        expired = office.grant({poll.poll_id: VoterPseudonym(bytes(32))})
        office.watch.now += timedelta(minutes=16)

        def ask(access_token: str) -> None:
            headers = {"Authorization": f"Bearer {access_token}"}
            http.post(f"/polls/{poll.poll_id.hex()}/token", json={"blinded_message": "AA"}, headers=headers)

        number = SAMPLES // 4
        name = "refusal of an access token: unknown, or expired"
        return compared(name, ask, ["A" * 43] * number, [expired] * number)


if __name__ == "__main__":
    for row in [*signers(), refusals()]:
        print(json.dumps(row))
