"""The browser of the end-to-end tests: the system's Chromium. Run as a program, it installs one."""

import os
import shutil
import sys

from tests.packages import can_install, install

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 60_000
"""How long a page may take: a bound for what hangs, no measure of speed."""
ADVICE = """\
No Chromium found: the browser tests will be skipped.
Install the system's Chromium (Debian: apt-get install chromium), or set CHROMIUM to the path of one."""


def find() -> str | None:
    """The path of a Chromium: the environment's CHROMIUM, or the first of NAMES on the search path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> None:
    """Find or install; when neither is possible, say how, and let the browser tests be skipped."""
    if find() is None and can_install():
        install(*PACKAGES)
    if find() is None:
        print(ADVICE, file=sys.stderr)


if __name__ == "__main__":
    main()
