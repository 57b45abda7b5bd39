"""`veche-trustee` as trustees use it: sheets are read while the program waits, shares are typed in."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from shared.encoding import parse_canonical
from tests.programs.processes import command

TRUSTEE = command("veche-trustee")
_WORDS = re.compile(r"<li>([a-z]+)</li>")


@dataclass(frozen=True, slots=True)
class Held:
    """What a ceremony gave: the poll's `sealing`, the words of every sheet, the sheets themselves."""

    sealing: dict[str, Any]
    shares: tuple[str, ...]
    pages: tuple[str, ...]


def hold_ceremony(folder: Path, *argv: str, threshold: int = 2, trustees: int = 3) -> Held:
    """A rehearsed ceremony whose sheets are in this folder while it waits for its printer."""
    numbers = ("--threshold", str(threshold), "--trustees", str(trustees))
    with subprocess.Popen(
        [TRUSTEE, "ceremony", *numbers, "--sheets", str(folder), "--rehearsal", *argv],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        _wait_for_sheets(running.stderr)
        pages = tuple(path.read_text("utf-8") for path in sorted(folder.iterdir()))
        out, _ = running.communicate("\n")
    assert running.returncode == 0
    return Held(
        parse_canonical(out.strip().encode()), tuple(" ".join(_WORDS.findall(page)) for page in pages), pages
    )


def _wait_for_sheets(stderr: IO[str] | None) -> None:
    assert stderr is not None
    for line in stderr:
        if line.startswith("Отпечаток"):
            return
    raise AssertionError("the ceremony ended early")


def open_poll(url: str, trust: Path, *shares: str) -> subprocess.CompletedProcess[str]:
    """Open a poll with these shares typed in, then the end of input."""
    return subprocess.run(
        [TRUSTEE, "open", url, "--trust", str(trust), "--processes", "1"],
        input="".join(f"{share}\n" for share in shares),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
