"""A hardware security module in software, SoftHSM 2, for tests. Run as a program, it installs one."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.packages import can_install, install

TOOL = "softhsm2-util"
LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
TOKEN, PIN = "veche", "test-pin"
ADVICE = "No SoftHSM 2 found: its tests will be skipped. Install it (Debian: apt-get install softhsm2)."


def find() -> str | None:
    """The path of the PKCS #11 library, if tool and library are there."""
    library = next((path for path in LIBRARIES if Path(path).exists()), None)
    return library if shutil.which(TOOL) else None


def make_token(folder: Path) -> dict[str, str]:
    """A fresh token under a folder; the environment in which programs of an issuer find and use it.

    A process reads SOFTHSM2_CONF once, when it first uses the library.
    """
    library = find()
    if library is None:
        raise FileNotFoundError(ADVICE)
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n", "utf-8"
    )
    settings = {
        "SOFTHSM2_CONF": str(configuration),
        "VECHE_ISSUER_HSM_MODULE": library,
        "VECHE_ISSUER_HSM_TOKEN": TOKEN,
        "VECHE_ISSUER_HSM_PIN": PIN,
    }
    subprocess.run(
        [TOOL, "--init-token", "--free", "--label", TOKEN, "--so-pin", "test-so-pin", "--pin", PIN],
        check=True,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    return settings


def main() -> None:
    """Find or install; when neither is possible, say how."""
    if find() is None and can_install():
        install("softhsm2")
    if find() is None:
        print(ADVICE, file=sys.stderr)


if __name__ == "__main__":
    main()
