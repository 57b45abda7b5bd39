"""When a sealed poll may be opened: its log closed, verified by the trustees themselves, not cancelled."""

from typing import Final

import httpx

from auditor.context import Audit, Skipped
from auditor.report import Report
from shared.manifest import Manifest, Sealing
from shared.outgoing import http_client
from shared.sealing import Opening

WAITS_FOR_US: Final = frozenset({"opening", "result"})
"""Checks that cannot pass before the opening."""
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)


class NotReady(Exception):
    """The poll must not be opened, or not yet. One line of reasons each."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class AlreadyOpened(Exception):
    """There is nothing left to do."""


class NotDelivered(Exception):
    """The ballot box did not take the key: it does not answer, or refuses."""


def check_ready(audit: Audit, report: Report) -> Sealing:
    """What the poll was sealed with, when now is the time to open it. Raises NotReady, AlreadyOpened."""
    failed = [
        f"check {finding.number} ({finding.id}) fails: {finding.detail}"
        for finding in report.findings
        if finding.status == "FAIL"
    ]
    if failed:
        raise NotReady(*failed)
    sealing = _sealing(report)
    if _is_cancelled(audit):
        raise NotReady("the poll is cancelled: it is never opened, and the shares are to be destroyed")
    if audit.opening is not None:
        raise AlreadyOpened
    undone = [
        f"check {finding.number} ({finding.id}) cannot be done yet: {finding.detail}"
        for finding in report.findings
        if finding.leaves_open and finding.id not in WAITS_FOR_US
    ]
    if undone:
        raise NotReady(*undone)
    return sealing


def _sealing(report: Report) -> Sealing:
    sealing = report.poll.manifest.sealing if report.poll else None
    if sealing is None:
        raise NotReady("the poll is not sealed")
    if sealing.custodian == "automatic":
        raise NotReady("the poll has no trustees: the ballot box opens it by itself")
    return sealing


def _is_cancelled(audit: Audit) -> bool:
    try:
        return audit.is_cancelled
    except Skipped:
        return False


def deliver(manifest: Manifest, opening: Opening) -> None:
    """Bring the key to the ballot box, which publishes it; repeatable. Raises NotDelivered."""
    url = f"{manifest.ballot_box.url}/polls/{opening.poll_id.hex()}/opening"
    headers = {"Content-Type": "application/json"}
    try:
        with http_client() as http:
            response = http.put(url, content=opening.encoded, headers=headers, timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise NotDelivered(f"the ballot box does not answer ({type(error).__name__})") from None
    if response.status_code not in (200, 201):
        raise NotDelivered(f"the ballot box answers {response.status_code}")
