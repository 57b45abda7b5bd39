"""nginx, for the test of docs/operations.md. Run as a program, it installs one."""

import shutil
import sys

from tests.packages import can_install, install

ADVICE = "No nginx found: its test will be skipped. Install it (Debian: apt-get install nginx-light)."


def find() -> str | None:
    """The path of nginx, if it is there."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def main() -> None:
    """Find or install; when neither is possible, say how."""
    if find() is None and can_install():
        install("nginx-light")
    if find() is None:
        print(ADVICE, file=sys.stderr)


if __name__ == "__main__":
    main()
