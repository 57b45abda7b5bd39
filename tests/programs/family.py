"""A program with all that it started."""

from pathlib import Path

Pid = int


def family(*roots: Pid) -> list[Pid]:
    """The running processes of these ids and all their descendants, ancestors first."""
    parents = _parents()
    found = [pid for pid in roots if pid in parents]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid and child not in found]
    return found


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
