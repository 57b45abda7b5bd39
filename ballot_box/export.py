"""Everything public as plain files, for any static host or delivery network (docs/protocol.md 9.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ballot_box import store
from ballot_box.public_files import log_files, poll_files, release_files
from ballot_box.record import ANSWER_SECONDS, issuance_log
from ballot_box.services import Services
from shared.catalogue import LOG_ID
from shared.db import read
from shared.durable import write_durably
from shared.encoding import canonical_json
from shared.manifest import Issuer
from shared.outgoing import http_client
from shared.record import record_path
from shared.trust import PATH as TRUST_PATH

PUBLIC_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Export:
    """A folder whose paths are those of a record: host first, then the URL's path."""

    folder: Path

    def own(self, box: Services) -> int:
        """Write all public files of this box; how many were new or other than before.

        Each is replaced in one step, a checkpoint after the tiles that it describes: a reader finds a whole
        log at any time. Partial tiles of earlier checkpoints stay. The list of polls is `polls/index.json`.
        """
        url, written = box.settings.url, 0
        with read(box.engine) as conn:
            polls = store.all_polls(conn)
            for log_id in (LOG_ID, *(poll.log_id for poll in polls)):
                for path, data in log_files(conn, log_id):
                    written += self._put(f"{url}/log/{log_id}/{path}", data)
            for poll in polls:
                for name, data in poll_files(conn, poll):
                    written += self._put(f"{url}/polls/{poll.poll_id.hex()}/{name}", data)
            for path, data in release_files(conn):
                written += self._put(url + path, data)
            listed = [one.poll_id.hex() for one in box.listing.all(conn)]
        written += self._put(f"{url}/polls/index.json", canonical_json({"polls": listed}))
        return written + self._put(url + TRUST_PATH, box.trust.to_bytes())

    def issuance_logs(self, issuers: Iterable[Issuer]) -> int:
        """Copy the logs of issuers beside, so that the folder can be audited alone. Raises IssuerSilent."""
        written = 0
        with http_client(seconds=ANSWER_SECONDS) as http:
            for issuer in issuers:
                for url, content in issuance_log(http, issuer).items():
                    if url.endswith("/checkpoint") or not (self.folder / record_path(url)).exists():
                        written += self._put(url, content())
        return written

    def _put(self, url: str, data: bytes) -> bool:
        path = self.folder / record_path(url)
        if path.exists() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, data, mode=PUBLIC_MODE)
        return True


def export(box: Services, folder: Path) -> int:
    """Write the files of this box, then of its polls' issuers; how many were new. Raises IssuerSilent."""
    files = Export(folder)
    written = files.own(box)
    with read(box.engine) as conn:
        issuers = [issuer for poll in store.all_polls(conn) for issuer in poll.manifest.issuers]
    return written + files.issuance_logs(issuers)
