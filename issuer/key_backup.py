"""A copy of the wrapped keys on another medium: one copy, never a history (docs/operations.md, backups).

A file that has the time and size of its original is not read again at each pass: the keys of the logs stay
for good, so after years there are many. The doctor reads them all.

What is destroyed here is destroyed there at the next pass. Token keys are not copied: a poll that loses its
token key is cancelled, which hurts less than a copy that outlives the issuance. Nor are the signer's marks.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from issuer.keys import LOG_ID, TOKEN_KEY, KeysMissing, KeyStore
from shared.durable import remove_durably, sync_folder, write_durably

_CURRENT: Final = "statement.current"


def mirror(keys: KeyStore, backup: Path) -> None:
    """Make the copy equal to the keys; repeatable.

    Raises KeysMissing when the state directory is empty: then the copy may be all that is left.
    Raises FileNotFoundError when the copy's directory is not there: the operator makes it, on its medium.
    """
    if not (keys.state / _CURRENT).exists():
        raise KeysMissing(str(keys.state / _CURRENT))
    there, wanted = _names(backup), {name for name in _names(keys.state) if not name.endswith(TOKEN_KEY)}
    for name in sorted(wanted):
        _copy(keys.state / name, backup / name)
    for name in there - wanted:
        remove_durably(backup / name)
    for folder in {(backup / name).parent for name in there - wanted}:
        _remove_if_empty(folder)


def lacking(keys: KeyStore, backup: Path, before: datetime) -> bool:
    """Whether a key that was written before this moment is not in the copy as it is here.

    Raises FileNotFoundError.
    """
    there = _names(backup)
    return any(
        (keys.state / name).stat().st_mtime < before.timestamp()
        and (name not in there or (backup / name).read_bytes() != (keys.state / name).read_bytes())
        for name in _names(keys.state)
        if not name.endswith(TOKEN_KEY)
    )


def _names(folder: Path) -> set[str]:
    """Keys and what finds them again: paths below the folder."""
    if not folder.is_dir():
        raise FileNotFoundError(str(folder))
    return {
        f"{place}/{name}".removeprefix(f"{folder}/")
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith((".key", ".der")) or name in (LOG_ID, _CURRENT)
    }


def _copy(source: Path, target: Path) -> None:
    try:
        time, size = _stamp(source)
        if target.exists() and _stamp(target) == (time, size):
            return
        data = source.read_bytes()
    except FileNotFoundError:
        return  # destroyed a moment ago; the next pass removes the copy
    if not target.exists() or target.read_bytes() != data:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(target, data)
    os.utime(target, ns=(time, time))


def _stamp(path: Path) -> tuple[int, int]:
    """When a file was written, in nanoseconds, and its size."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
        sync_folder(folder.parent)
