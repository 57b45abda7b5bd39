"""Everything public as plain files, for any static host or content delivery network."""

from pathlib import Path

from ballot_box import store
from ballot_box.public_files import log_files, poll_files
from ballot_box.services import Services
from shared.catalogue import LOG_ID
from shared.db import read
from shared.durable import write_durably
from shared.encoding import canonical_json
from shared.trust import PATH as TRUST_PATH


def export(box: Services, folder: Path) -> int:
    """Write all public files under their URL paths; how many were new or other than before.

    Each is replaced in one step, a checkpoint after the tiles that it describes: a reader finds a whole log
    at any time. Partial tiles of earlier checkpoints stay. The list of polls is `polls/index.json`.
    """
    written = 0
    with read(box.engine) as conn:
        polls = store.all_polls(conn)
        for log_id in (LOG_ID, *(poll.log_id for poll in polls)):
            for path, data in log_files(conn, log_id):
                written += _put(folder / "log" / log_id / path, data)
        for poll in polls:
            for name, data in poll_files(conn, poll):
                written += _put(folder / "polls" / poll.poll_id.hex() / name, data)
    listed = canonical_json({"polls": [poll.poll_id.hex() for poll in polls]})
    written += _put(folder / "polls" / "index.json", listed)
    return written + _put(folder / TRUST_PATH.removeprefix("/"), box.trust.to_bytes())


def _put(path: Path, data: bytes) -> bool:
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, data)
    return True
