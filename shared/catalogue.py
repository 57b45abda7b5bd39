"""The catalogue, docs/protocol.md 3.9: one log per ballot box that names everything it published."""

import hashlib
from typing import Final

from shared import labels

LOG_ID: Final = "catalogue"
PROOF: Final = "catalogue.tlog-proof"
"""The file beside a poll's manifest that proves the manifest's entry."""


def catalogue_url(box: str) -> str:
    """The log's URL at a ballot box."""
    return f"{box}/log/{LOG_ID}"


def poll_entry(manifest: bytes, signatures: bytes) -> bytes:
    """The entry of a poll: the bytes of signatures.json, which have no newline, and of manifest.json."""
    return labels.CATALOGUE_POLL + signatures + b"\n" + manifest


def result_entry(poll_id: bytes, result: bytes, signature: bytes) -> bytes:
    """The entry of a result: poll id (32), SHA-256 of result.json (32), its signature (64).

    A run-off of many options is longer than an entry of a log can be.
    """
    return labels.CATALOGUE_RESULT + poll_id + hashlib.sha256(result).digest() + signature
