"""Points at which a process ends itself by SIGKILL.

They wrap what is below the ballot box, which knows nothing of them.

Before and after: a database commit, a signature; in the worker also an fsync, a rename.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from crypto import ed25519

COMMIT: Final = "commit"
SIGN: Final = "sign"
FSYNC: Final = "fsync"
RENAME: Final = "rename"
OF_SERVER: Final = (COMMIT, SIGN)
OF_WORKER: Final = (COMMIT, SIGN, FSYNC, RENAME)


@dataclass(frozen=True, slots=True)
class Failpoint:
    """End the process before or after the `countdown`-th call (1 is the first) of a kind."""

    call: str
    after: bool
    countdown: int


def arm(point: Failpoint) -> None:
    """Wrap the call in this process, and in what it forks."""
    counted = _counter(point)
    match point.call:
        case "commit":
            _replace(SQLiteDialect_pysqlite, "do_commit", counted)
        case "fsync":
            _replace(os, "fsync", counted)
        case "rename":
            _replace(Path, "replace", counted)
        case "sign":
            _replace(ed25519, "sign", counted)
            _replace(ed25519, "signer", lambda signer: lambda seed: counted(signer(seed)))


def _replace(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    setattr(owner, name, wrap(getattr(owner, name)))


def _counter(point: Failpoint) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    left = [point.countdown]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            mortal = left[0] == 0
            if mortal and not point.after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*args, **kwargs)
            if mortal:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return called

    return counted
