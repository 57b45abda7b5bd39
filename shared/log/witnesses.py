"""Asking witnesses to cosign checkpoints before they are published (c2sp.org/tlog-witness)."""

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx
import structlog

from crypto.cosignature import WitnessKey, cosignatures
from crypto.errors import CryptoError

ANSWER_SECONDS: Final = 2.0
MAX_ANSWER_SIZE: Final = 4096
SIZE_TYPE: Final = "text/x.tlog.size"

Prove = Callable[[int, int], Sequence[bytes]]
"""(old size, new size) -> an RFC 6962 consistency proof."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its key, and the URL before `/add-checkpoint`."""

    key: WitnessKey
    url: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to ask, how many of them are due, and for how many seconds a checkpoint waits for them.

    When the patience is over the checkpoint goes out with what it has, and an alarm: an outage of witnesses
    must not stop an election.
    """

    witnesses: tuple[Witness, ...] = ()
    quorum: int = 0
    patience: float = 60.0


class Witnesses:
    """Gathers cosignatures. What each witness saw last, and since when a log waits, is in memory alone.

    `http` is one of `shared.outgoing`: a witness whose answer has no end must hold nobody up.
    """

    def __init__(self, policy: Policy, http: httpx.Client, clock: Callable[[], datetime]) -> None:
        self._policy, self._http, self._clock = policy, http, clock
        self._sizes: dict[tuple[str, str], int] = {}
        self._since: dict[str, tuple[int, datetime]] = {}

    def cosigned(self, origin: str, before: int, size: int, note: bytes, prove: Prove) -> bytes | None:
        """The note with every cosignature that came, or None while it must wait for more.

        `before`: the size of the newest checkpoint that went out. Who waits for the next one waits anew, also
        when it was another process that published.
        """
        if not self._policy.witnesses:
            return note
        after, since = self._since.get(origin, (before, self._clock()))
        if after != before:
            since = self._clock()
        self._since[origin] = before, since
        lines = self._gather(origin, size, note, prove)
        missing = self._policy.quorum - len(lines)
        if missing > 0 and self._clock() - since < timedelta(seconds=self._policy.patience):
            return None
        if missing > 0:
            structlog.get_logger().warning("witnesses-missing", count=missing)
        self._since.pop(origin, None)
        return note + "".join(lines).encode()

    def _gather(self, origin: str, size: int, note: bytes, prove: Prove) -> list[str]:
        """One round with what each witness is believed to have, one more with those that had other sizes."""
        asked = [(one, self._sizes.get((one.url, origin), 0)) for one in self._policy.witnesses]
        lines: list[str] = []
        for _ in range(2):
            bodies = [(one, _body(old, size, note, prove)) for one, old in asked if old <= size]
            with ThreadPoolExecutor(max(1, len(bodies))) as pool:
                answers = list(pool.map(self._ask, bodies))
            asked = []
            for (one, _sent), answer in zip(bodies, answers, strict=True):
                if isinstance(answer, int):
                    asked.append((one, answer))
                elif answer is not None and _is_by(one.key, note, answer):
                    self._sizes[(one.url, origin)] = size
                    lines.append(answer)
        return lines

    def _ask(self, request: tuple[Witness, bytes]) -> str | int | None:
        """The witness's line, or the size it has where that is another; None when it answers otherwise."""
        witness, body = request
        url, text = f"{witness.url}/add-checkpoint", b""
        try:
            with self._http.stream("POST", url, content=body, timeout=ANSWER_SECONDS) as answer:
                for part in answer.iter_raw():
                    text += part
                    if len(text) > MAX_ANSWER_SIZE:
                        return None
        except httpx.HTTPError:
            return None
        return _judged(answer, text.decode("utf-8", "replace"))


def parse_witness(text: str) -> Witness:
    """Read `<verifier key> <URL>`. Raises ValueError."""
    key, separator, url = text.partition(" ")
    if not separator or not url.startswith(("http://", "https://")) or url.endswith("/"):
        raise ValueError("a witness is its verifier key, a space, its URL without a trailing slash")
    try:
        return Witness(WitnessKey.parse(key), url)
    except CryptoError as error:
        raise ValueError(str(error)) from None


def _judged(answer: httpx.Response, text: str) -> str | int | None:
    if answer.status_code == 409 and answer.headers.get("content-type", "").startswith(SIZE_TYPE):
        digits = text.strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    return text if answer.status_code == 200 else None


def _body(old: int, size: int, note: bytes, prove: Prove) -> bytes:
    proof = prove(old, size) if 0 < old < size else ()
    lines = [f"old {old}", *(base64.b64encode(node).decode() for node in proof), "", ""]
    return "\n".join(lines).encode() + note


def _is_by(key: WitnessKey, note: bytes, line: str) -> bool:
    """Whether a line is one signature line, and that witness's on this note."""
    try:
        return line.count("\n") == 1 and key in cosignatures(note + line.encode(), [key])
    except CryptoError:
        return False
