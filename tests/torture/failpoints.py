"""Points at which a process ends itself by SIGKILL.

They wrap what is below the ballot box, which knows nothing of them.

Before and after: a database commit, an fsync, a rename, a signature.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from crypto import ed25519

CALLS: Final[tuple[tuple[Any, str], ...]] = (
    (SQLiteDialect_pysqlite, "do_commit"),
    (os, "fsync"),
    (Path, "replace"),
    (ed25519, "sign"),
)
"""Owner and name of each call that is wrapped."""


@dataclass(frozen=True, slots=True)
class Failpoint:
    """End the process before or after the `countdown`-th call (1 is the first) of CALLS[`call`]."""

    call: int
    after: bool
    countdown: int


def arm(point: Failpoint) -> None:
    """Wrap the call in this process."""
    owner, name = CALLS[point.call]
    setattr(owner, name, _wrapped(getattr(owner, name), point))


def _wrapped(call: Callable[..., Any], point: Failpoint) -> Callable[..., Any]:
    left = [point.countdown]

    def counted(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not point.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*args, **kwargs)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return counted
