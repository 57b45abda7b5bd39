"""nginx and haproxy, for the tests of docs/operations.md and deploy/. Run as a program, it installs them."""

import shutil
import sys
from typing import Final

from tests.packages import can_install, install

PACKAGES: Final = {"nginx": "nginx-light", "haproxy": "haproxy"}
"""Debian's packages by program."""


def find(program: str) -> str | None:
    """The path of one of the two, if it is there."""
    return shutil.which(program, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def main() -> None:
    """Find or install; what can be neither is named, and its tests will be skipped."""
    missing = [package for program, package in PACKAGES.items() if find(program) is None]
    if missing and can_install():
        install(*missing)
    for program, package in PACKAGES.items():
        if find(program) is None:
            print(f"No {program} found: install it (Debian: apt-get install {package}).", file=sys.stderr)


if __name__ == "__main__":
    main()
