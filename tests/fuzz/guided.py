"""`python -m tests.fuzz.guided NAME [options of libFuzzer]`: one decoder under Atheris."""

import sys
from importlib import import_module
from typing import Any

atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["crypto", "shared", "auditor", "issuer"]):
    from tests.fuzz.decoders import DECODERS


def main() -> None:
    """Fuzz until the runs are over or an input breaks the decoder."""
    decoder = next(decoder for decoder in DECODERS if decoder.name == sys.argv[1])
    atheris.Setup([sys.argv[0], *sys.argv[2:]], decoder.try_on)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
