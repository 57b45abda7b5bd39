"""A program with all that it started."""

import os
from pathlib import Path
from typing import Final

Pid = int

TICKS: Final = os.sysconf("SC_CLK_TCK")


def family(*roots: Pid) -> list[Pid]:
    """The running processes of these ids and all their descendants, ancestors first."""
    parents = _parents()
    found = [pid for pid in roots if pid in parents]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid and child not in found]
    return found


def processor_seconds(root: Pid) -> float:
    """What a program with all that it started has used, user and system (proc_pid_stat(5))."""
    return sum(map(_ticks, family(root))) / TICKS


def _ticks(pid: Pid) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


def _parents() -> dict[Pid, Pid]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return {pid: parent for pid in pids if (parent := _parent(pid)) is not None}


def _parent(pid: Pid) -> Pid | None:
    """The id of a running process's parent (proc_pid_stat(5)); None for one that has ended."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    except OSError:
        return None
    return None if state == "Z" else int(parent)
