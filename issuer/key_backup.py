"""A copy of the wrapped keys on another medium: one copy, never a history (docs/operations.md, backups).

What is destroyed here is destroyed there at the next pass. Token keys are not copied: a poll that loses its
token key is cancelled, which hurts less than a copy that outlives the issuance. Nor are the signer's marks.
"""

import shutil
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
    _remove_empty_folders(backup)


def lacking(keys: KeyStore, backup: Path, before: datetime) -> bool:
    """Whether a key that was written before this moment is not in the copy. Raises FileNotFoundError."""
    there = _names(backup)
    return any(
        name not in there and (keys.state / name).stat().st_mtime < before.timestamp()
        for name in _names(keys.state)
        if not name.endswith(TOKEN_KEY)
    )


def _names(folder: Path) -> set[str]:
    """Keys and what finds them again: paths below the folder."""
    if not folder.is_dir():
        raise FileNotFoundError(str(folder))
    found = [path for pattern in ("*.key", "*.der", LOG_ID, _CURRENT) for path in folder.rglob(pattern)]
    return {str(path.relative_to(folder)) for path in found}


def _copy(source: Path, target: Path) -> None:
    try:
        data = source.read_bytes()
    except FileNotFoundError:
        return  # destroyed a moment ago; the next pass removes the copy
    if not target.exists() or target.read_bytes() != data:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(target, data)


def _remove_empty_folders(backup: Path) -> None:
    for folder in [*backup.glob("drafts/*"), *backup.glob("polls/*")]:
        if not any(folder.iterdir()):
            shutil.rmtree(folder)
            sync_folder(folder.parent)
