"""Reading a record zip (docs/protocol.md 9.1), which may be hostile: nothing is unpacked, all is bounded."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from shared.record import MAX_FILE_SIZE

MAX_DIRECTORY_SIZE: Final = 16 * 2**20
"""Of the central directory; 1,000,000 ballots of one issuer need about 1 MiB."""

_PATH = re.compile(r"[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_END64, _END64_SIZE = b"PK\x06\x06", 56


class BadZip(Exception):
    """Bytes that are not a record zip."""


@dataclass(frozen=True)
class RecordZip:
    """An open record zip and its members by path."""

    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]

    def read(self, path: str, limit: int) -> bytes:
        """A member's bytes, at most `limit`. Raises KeyError when it is not there, BadZip."""
        member = self.members[path]
        if member.file_size > limit:
            raise BadZip(f"more than {limit} bytes")
        try:
            return self.archive.read(member)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError):
            raise BadZip("a damaged member") from None


def open_record_zip(path: Path) -> RecordZip:
    """Open a record zip. Raises BadZip: not stored plainly, odd or double names, a huge directory."""
    try:
        with path.open("rb") as file:
            if _directory_size(file) > MAX_DIRECTORY_SIZE:
                raise BadZip("its directory is too large")
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError):
        raise BadZip("not a zip, or cut short") from None
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        _check(member)
        if members.setdefault(member.filename, member) is not member:
            raise BadZip("a path stands twice")
    return RecordZip(archive, members)


def _check(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if not _PATH.fullmatch(name) or len(name) > 500 or {".", ".."} & set(name.split("/")):
        raise BadZip("a path that no URL has")
    plain = member.compress_type == zipfile.ZIP_STORED and member.file_size == member.compress_size
    if not plain or member.flag_bits & 1:
        raise BadZip("a member that is compressed or encrypted")
    if member.file_size > MAX_FILE_SIZE:
        raise BadZip("a member that is too large")


def _directory_size(file: IO[bytes]) -> int:
    """The size of the central directory by its end record, which stands last (APPNOTE.TXT 4.3.15, 4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END64_SIZE - _LOCATOR_SIZE - _END_SIZE))
    tail = file.read()
    end, locator = tail[-_END_SIZE:], tail[-_END_SIZE - _LOCATOR_SIZE : -_END_SIZE]
    if not end.startswith(_END) or len(end) != _END_SIZE:
        raise BadZip("not a zip, or cut short, or with a comment")
    if not locator.startswith(_LOCATOR):
        return int.from_bytes(end[12:16], "little")
    if not tail.startswith(_END64):
        raise BadZip("no Zip64 end record before its locator")
    return max(int.from_bytes(end[12:16], "little") % 0xFFFFFFFF, int.from_bytes(tail[40:48], "little"))
