"""How fast tokens are signed and verified, as ratios to `openssl speed rsa` of the same run.

A ratio of 1.00 is as fast as openssl itself. Ratios travel between machines, seconds do not.
The last line of stdout is one JSON object, also written to bench/results.json.
"""

import json
import re
import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from crypto.blind_rsa.signer import blind_sign
from crypto.blind_rsa.verifier import verify
from crypto.keys import ALLOWED_BITS, generate_token_key, load_private_key, public_key_of
from crypto.signers import gmp, openssl

SECONDS = 2
RESULTS = Path(__file__).with_name("results.json")


def rate(operation: Callable[[], object]) -> float:
    """Operations per second of processor time, on one core."""
    operation()
    done, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        operation()
        done += 1
    return done / spent


def openssl_rates(bits: int) -> tuple[float, float]:
    """Signatures and verifications per second of processor time, by `openssl speed`."""
    command = ["openssl", "speed", "-mr", "-seconds", str(SECONDS), f"rsa{bits}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(rf"^\+F2:\d+:{bits}:([\d.]+):([\d.]+)", output, re.MULTILINE)
    if found is None:
        raise RuntimeError("openssl speed prints something else than it used to")
    return float(found[1]), float(found[2])


def ratios(bits: int) -> dict[str, float]:
    """Each operation's rate divided by openssl's for the same key size."""
    sign_rate, verify_rate = openssl_rates(bits)
    der = generate_token_key(bits)
    key = public_key_of(der)
    blinded = bytes(1) + secrets.token_bytes(key.size - 1)
    prepared = secrets.token_bytes(145)
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    signature = load_private_key(der).sign(prepared, pss, hashes.SHA384())
    libcrypto, portable = openssl.private_operation(der), gmp.private_operation(der)
    return {
        "libcrypto": rate(lambda: libcrypto(blinded)) / sign_rate,
        "gmpy2": rate(lambda: portable(blinded)) / sign_rate,
        "blind_sign": rate(lambda: blind_sign(key, libcrypto, blinded)) / sign_rate,
        "verify": rate(lambda: verify(key, prepared, signature)) / verify_rate,
    }


def main() -> None:
    """Measure all key sizes, print a table, then the JSON."""
    results = {str(bits): ratios(bits) for bits in ALLOWED_BITS}
    names = list(next(iter(results.values())))
    print("as a share of `openssl speed rsa` (1.00 is as fast)")
    print("bits".ljust(6), *(name.rjust(11) for name in names))
    for bits, row in results.items():
        print(bits.ljust(6), *(f"{row[name]:11.2f}" for name in names))
    rounded = {bits: {name: round(value, 3) for name, value in row.items()} for bits, row in results.items()}
    line = json.dumps({"signing": rounded}, sort_keys=True)
    RESULTS.write_text(line + "\n", encoding="utf-8")
    print(line)


if __name__ == "__main__":
    main()
