"""`python -m tests.torture`: RUNS and SEED from the environment; the last line is one JSON object."""

import json
import os
import secrets
import sys
import tempfile
from pathlib import Path

from tests.torture.torture import torture


def main() -> int:
    """Run; 0 if nothing acknowledged was lost or doubled and all checkpoints are consistent."""
    runs, seed = int(os.environ.get("RUNS", "500")), int(os.environ.get("SEED", secrets.randbits(32)))
    print(f"{runs} runs, SEED={seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="veche-torture-") as folder:
        counts = torture(Path(folder), runs, seed)
    print(json.dumps(counts, sort_keys=True))
    return int(any(counts[name] for name in ("lost", "doubled", "inconsistent", "read_only")))


if __name__ == "__main__":
    sys.exit(main())
