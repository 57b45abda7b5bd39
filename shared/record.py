"""The election record, docs/protocol.md 9.1: public data under the paths of their URLs, in folder or zip."""

import zipfile
from collections.abc import Iterable
from typing import IO, Final
from urllib.parse import urlsplit

from shared.ballot import MAX_BALLOT_SIZE
from shared.manifest import MAX_MANIFEST_SIZE

ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
ZIP_MODE: Final = 0o100644 << 16
MAX_FILE_SIZE: Final = 256 * (2 + MAX_BALLOT_SIZE) + MAX_MANIFEST_SIZE
"""The largest file of a record: an entry bundle."""


def record_path(url: str) -> str:
    """Where the bytes at a URL stand in a record: `<host>_<port>/<path>`; of a folder, its `index.html`."""
    parts = urlsplit(url)
    page = "index.html" if parts.path.endswith("/") else ""
    return f"{parts.netloc.replace(':', '_')}{parts.path}{page}"


def write_zip(out: IO[bytes], files: Iterable[tuple[str, bytes]]) -> None:
    """Write a record zip: equal files give equal bytes.

    `files` are paths (`record_path`) and contents, strictly ascending by path. Raises ValueError otherwise.
    """
    last = ""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files:
            if path <= last:
                raise ValueError("the paths of a record zip ascend")
            member = zipfile.ZipInfo(path, ZIP_TIME)
            member.create_system, member.external_attr = 3, ZIP_MODE
            archive.writestr(member, data)
            last = path
