"""`make fuzz`: FUZZ_RUNS inputs (10 million) over the decoders, from SEED; the last line is one JSON object.

Where Atheris is installed it searches on by coverage, GUIDED_RUNS inputs for each decoder, after that.
"""

import json
import os
import random
import secrets
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import Final

from tests.fuzz.decoders import DECODERS, Decoder
from tests.fuzz.mutation import near

RUNS: Final = int(os.environ.get("FUZZ_RUNS", "10000000"))
GUIDED_RUNS: Final = int(os.environ.get("GUIDED_RUNS", "20000"))


def fuzz(decoder: Decoder, runs: int, seed: int) -> tuple[int, list[str]]:
    """How many of so many inputs were accepted, and the faults: the exception, and the input in hex."""
    accepted = 0
    faults: list[str] = []
    for data in near(decoder.honest, runs, random.Random(f"{seed} {decoder.name}")):
        try:
            accepted += decoder.try_on(data)
        except Exception as error:
            if len(faults) < 5:
                faults.append(f"{type(error).__name__}: {data.hex()}")
    return accepted, faults


def main() -> int:
    """0 if no decoder failed."""
    seed = int(os.environ.get("SEED", secrets.randbits(32)))
    print(f"{RUNS} inputs, SEED={seed}", file=sys.stderr)
    whole, inputs, failed = sum(decoder.weight for decoder in DECODERS), 0, {}
    for decoder in DECODERS:
        runs, started = RUNS * decoder.weight // whole, time.monotonic()
        accepted, faults = fuzz(decoder, runs, seed)
        inputs += runs
        if faults:
            failed[decoder.name] = faults
        seconds = time.monotonic() - started
        print(f"{decoder.name:22} {runs:>9} inputs {accepted:>9} accepted {seconds:7.1f} s", *faults,
              sep="\n  " if faults else " ", file=sys.stderr, flush=True)  # fmt: skip
    guided = sum(_guided(decoder) for decoder in DECODERS) if find_spec("atheris") else 0
    print(
        json.dumps(
            {"decoders": len(DECODERS), "inputs": inputs, "guided": guided, "failed": failed, "seed": seed}
        )
    )
    return int(bool(failed))


def _guided(decoder: Decoder) -> int:
    """Inputs that Atheris tried on a decoder. Raises CalledProcessError on a fault."""
    subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", decoder.name, f"-runs={GUIDED_RUNS}"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return GUIDED_RUNS


if __name__ == "__main__":
    sys.exit(main())
