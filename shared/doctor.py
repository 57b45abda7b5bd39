"""Examining an installation: each check says what is not in order, and what mends it.

What both services have in common; `issuer.doctor` and `ballot_box.doctor` add their own.
"""

import os
import shutil
import socket
import ssl
import stat
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
import httpx
from cryptography import x509
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import Clock
from shared.commands import owner_of
from shared.db import read
from shared.migrations import WrongVersion

CLOCK_TOLERANCE: Final = timedelta(seconds=5)
CERTIFICATE_LEFT: Final = timedelta(days=14)
ANSWER_SECONDS: Final = 5.0
VOLATILE: Final = ("tmpfs", "ramfs")
LOOPBACK: Final = ("127.", "localhost", "[::1]")


class Unsound(Exception):
    """What is not in order, and how to mend it. Neither holds a secret."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}. {mend}")


Check = tuple[str, Callable[[], None]]
"""What is looked at, and the look, which raises Unsound."""


def examine(checks: Sequence[Check]) -> list[tuple[str, str | None]]:
    """Make all checks; for each what is wrong, or None. One that breaks down is not in order either."""
    return [(name, _complaint(check)) for name, check in checks]


def report(checks: Sequence[Check]) -> None:
    """Make all checks and print them; ends the program with 1 when something is not in order."""
    found = examine(checks)
    for name, complaint in found:
        click.echo(f"ok    {name}" if complaint is None else f"WRONG {name}: {complaint}")
    wrong = sum(complaint is not None for _, complaint in found)
    click.echo(f"{len(found)} checks, {wrong} not in order")
    if wrong:
        raise SystemExit(1)


def _complaint(check: Callable[[], None]) -> str | None:
    try:
        check()
    except Unsound as found:
        return str(found)
    except PermissionError as error:
        return f"{error.filename} is closed to the user of the service. Look at its owner."
    except Exception as error:
        return f"the check itself failed ({type(error).__name__}). Mend what stands above it first."
    return None


def private(place: Path) -> None:
    """Nobody but its owner can read the file, or the folder and what is in it, which all is the owner's."""
    if not place.exists():
        raise Unsound(f"{place} is not there", "Look at the settings; run init.")
    for path in (place, *place.rglob("*")):
        if path.stat().st_uid != place.stat().st_uid:
            raise Unsound(f"{path} belongs to {owner_of(path)}", f"chown -R --reference={place} {place}")
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and not _harmless(path):
            raise Unsound(f"{path} can be read by others", f"chmod -R go= {place}")


def _harmless(path: Path) -> bool:
    """Locks and public marks hold no secret."""
    return path.suffix in (".lock", ".mark", ".id", ".current") or path.name == "READ-ONLY"


def durable(engine: Engine) -> None:
    """What is committed survives a power cut."""
    try:
        with read(engine) as conn:
            if engine.dialect.name == "postgresql":
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    if conn.execute(text(f"SHOW {setting}")).scalar_one() in ("off", "local"):
                        raise Unsound(f"PostgreSQL has {setting} off", f"Set {setting} = on and reload.")
                return
            conn.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise Unsound(
            f"the database does not answer ({type(error).__name__})",
            "Start it; see its log; look at the owner of its file.",
        ) from None
    kind = _filesystem(Path(str(engine.url.database)).resolve())
    if kind in VOLATILE:
        raise Unsound(f"the database lies in memory ({kind})", "Move it to a disk.")


def _filesystem(path: Path) -> str:
    """The type of the file system that a path lies on, as Linux tells it; empty where it does not."""
    mounts = Path("/proc/mounts")
    rows = [line.split() for line in mounts.read_text("utf-8").splitlines()] if mounts.exists() else []
    held = [(Path(row[1]), row[2]) for row in rows if path.is_relative_to(row[1])]
    return max(held, key=lambda mount: len(mount[0].parts), default=(path, ""))[1]


def migrated(check_version: Callable[[Engine], None], engine: Engine) -> None:
    """The tables are those of this release."""
    try:
        check_version(engine)
    except WrongVersion as error:
        raise Unsound(*error.args) from None


def roomy(folder: Path, reserve: int) -> None:
    """There is room on the disk: `reserve` bytes."""
    free = shutil.disk_usage(folder).free
    if free < reserve:
        raise Unsound(f"{free >> 20} MiB are free at {folder}, {reserve >> 20} are the reserve", "Make room.")


def encrypted(url: str, clock: Clock) -> None:
    """The public address speaks TLS with a certificate of its name that is valid for a while."""
    parts = urlsplit(url)
    if parts.netloc.startswith(LOOPBACK) and parts.scheme == "http":
        return
    if parts.scheme != "https":
        raise Unsound(
            f"{url} is not https", "Put a proxy with TLS before the service and say https in its settings."
        )
    try:
        left = _certificate_ends(parts.hostname or "", parts.port or 443) - clock()
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or type(error).__name__
        raise Unsound(f"the certificate of {url}: {reason}", "Renew it, with its whole chain.") from None
    except OSError as error:
        raise Unsound(
            f"{url} does not answer ({type(error).__name__})", "Start the proxy; look at name and port."
        ) from None
    if left < CERTIFICATE_LEFT:
        raise Unsound(f"the certificate of {url} ends in {left.days} days", "Renew it now.")


def _certificate_ends(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), ANSWER_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return x509.load_der_x509_certificate(
            secured.getpeercert(binary_form=True) or b""
        ).not_valid_after_utc


def punctual(url: str, http: httpx.Client, clock: Clock) -> None:
    """The other service answers, and its clock shows the same time as ours."""
    try:
        answer = http.get(url, timeout=ANSWER_SECONDS)
    except httpx.HTTPError as error:
        raise Unsound(
            f"{url} does not answer ({type(error).__name__})", "Start it; look at address and firewall."
        ) from None
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return
    difference = abs(theirs - clock())
    if difference > CLOCK_TOLERANCE:
        seconds = int(difference.total_seconds())
        raise Unsound(
            f"our clock and that of {url} differ by {seconds} s", "Start chrony or systemd-timesyncd on both."
        )


def same_trust(url: str, http: httpx.Client, ours: bytes) -> None:
    """The other service has the same trust root."""
    try:
        theirs = http.get(url, timeout=ANSWER_SECONDS).content
    except httpx.HTTPError as error:
        raise Unsound(
            f"{url} does not answer ({type(error).__name__})", "Start it; look at address and firewall."
        ) from None
    if theirs != ours:
        raise Unsound(
            f"{url} is another trust root than ours", "Give both services the same trust.json, restart them."
        )


def writable(folder: Path) -> None:
    """The folder is there and can be written."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise Unsound(f"{folder} is not there or cannot be written", "Mount the medium; look at its owner.")


def valid(certificate: bytes, what: str, clock: Clock) -> None:
    """A certificate (PEM or DER) that holds now and for a while."""
    try:
        pem = b"-----BEGIN" in certificate
        read_one = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
        ends, begins = (made := read_one(certificate)).not_valid_after_utc, made.not_valid_before_utc
    except ValueError:
        raise Unsound(f"{what} is no certificate", "Ask ESIA's operator for it again.") from None
    if not begins <= clock() <= ends - CERTIFICATE_LEFT:
        raise Unsound(f"{what} holds from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}", "Order the next one now.")
