"""What `openssl speed` says on this machine now: the limits of the table."""

import re
import subprocess
from typing import Final

SECONDS: Final = 1


def rsa_rates(bits: int) -> tuple[float, float]:
    """Signatures and verifications per second of processor time on one core."""
    output = _speed("-seconds", str(SECONDS), f"rsa{bits}")
    found = re.search(rf"^\+F2:\d+:{bits}:([\d.e-]+):([\d.e-]+)", output, re.MULTILINE)
    if found is None:
        raise RuntimeError("openssl speed prints something else than it used to")
    return float(found[1]), float(found[2])


def bare_rate(cores: int) -> float:
    """Pairs of one RSA-3072 and one ECDSA P-256 verification per second, by wall clock, on so many cores."""
    many = ["-multi", str(cores)] if cores > 1 else []
    output = _speed("-elapsed", *many, "-seconds", str(SECONDS), "rsa3072", "ecdsap256")
    rsa = re.search(r"^\+F2:\d+:3072:[\d.e-]+:([\d.e-]+)", output, re.MULTILINE)
    ecdsa = re.search(r"^\+F4:\d+:256:[\d.e-]+:([\d.e-]+)", output, re.MULTILINE)
    if rsa is None or ecdsa is None:
        raise RuntimeError("openssl speed prints something else than it used to")
    return 1 / (1 / float(rsa[1]) + 1 / float(ecdsa[1]))


def _speed(*arguments: str) -> str:
    command = ["openssl", "speed", "-mr", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
