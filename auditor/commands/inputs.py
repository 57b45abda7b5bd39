"""What users name on the command line, read. Wrong usage exits with 64."""

from pathlib import Path
from typing import Final

import click

from auditor.cli import USAGE_EXIT_CODE
from auditor.context import ReceiptFile
from auditor.opening import NoPoll, PollSource, open_poll
from auditor.report import Report
from crypto.cosignature import WitnessKey
from crypto.errors import CryptoError
from shared.encoding import EncodingRefused, from_b64u, from_hex, parse_json
from shared.trust import TrustInvalid, TrustRoot, parse_trust

MAX_INPUT_SIZE: Final = 2**20


class Usage(click.UsageError):
    """Wrong usage."""

    exit_code = USAGE_EXIT_CODE


def named_poll(source: str, poll_id: str | None, seconds: float) -> PollSource:
    """The poll that a source names. Raises Usage, OutOfReach."""
    try:
        return open_poll(source, poll_id, seconds)
    except NoPoll as error:
        raise Usage(str(error)) from None


def file_bytes(path: Path) -> bytes:
    """A small file. Raises Usage."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_INPUT_SIZE + 1)
    except OSError as error:
        raise Usage(f"{path}: {error.strerror}") from None
    if len(data) > MAX_INPUT_SIZE:
        raise Usage(f"{path}: more than {MAX_INPUT_SIZE} bytes")
    return data


def trust_root(path: Path) -> TrustRoot:
    """A pinned trust root. Raises Usage."""
    try:
        return parse_trust(file_bytes(path))
    except TrustInvalid as error:
        raise Usage(f"{path}: {error}") from None


def witness_key(text: str) -> WitnessKey:
    """A witness's verifier key. Raises Usage."""
    try:
        return WitnessKey.parse(text)
    except CryptoError as error:
        raise Usage(f"{text}: {error}") from None


def write_page(path: Path, report: Report) -> None:
    """Write the report as a page. Raises Usage."""
    from auditor.page import report_page  # noqa: PLC0415 - slow to load, rarely asked for

    try:
        path.write_text(report_page(report), "utf-8")
    except OSError as error:
        raise Usage(f"{path}: {error.strerror}") from None


def receipt_file(path: Path) -> ReceiptFile:
    """A receipt as the client saves it, alone or in evidence of a broken promise. Raises Usage."""
    try:
        members = parse_json(file_bytes(path))
        if members["format"] == "veche/dispute/v1":
            members = members["receipt"]
        return ReceiptFile(
            from_hex(members["poll_id"], size=32),
            from_hex(members["leaf_hash"], size=32),
            from_b64u(members["receipt"], size=64),
        )
    except (EncodingRefused, KeyError, TypeError, AttributeError):
        raise Usage(f"{path}: not a receipt file") from None
