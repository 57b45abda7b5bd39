"""The poll manifest, docs/protocol.md section 3: parsed once, strictly, into frozen types."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from crypto import hpke
from shared import labels
from shared.encoding import (
    EncodingRefused,
    canonical_json,
    format_time,
    from_b64u,
    parse_canonical,
    parse_time,
)

FORMAT: Final = "veche/manifest/v1"
TOKEN_SUITE: Final = "RSABSSA-SHA384-PSS-Randomized"  # noqa: S105 - the name of a suite
MAX_MANIFEST_SIZE: Final = 60_000
ANSWER_SIZE_STEP: Final = 64
MAX_INTEGER: Final = 2**53 - 1
MAX_SCORE: Final = 10
MAX_PLAINTEXT_SIZE: Final = 8192
MAX_TRUSTEES: Final = 16

_SERVICE_URL = re.compile(r"https?://[a-z0-9.-]+(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._~-]+)*")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[1-9][0-9]{0,4})?")
_LOG_PATH = re.compile(r"/log/[0-9a-f]{32}")
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp"))
"""Categories of controls, of format characters (invisible, or turning the direction), of separators."""


class ManifestInvalid(Exception):
    """A manifest that breaks docs/protocol.md section 3; the message says where."""


def visible(text: str, *, newlines: bool = False) -> str:
    """The same text. Raises ValueError for what nobody sees (docs/protocol.md 3.2)."""
    for character in text:
        if unicodedata.category(character) in _UNSEEN and not (newlines and character == "\n"):
            raise ValueError("control, invisible and bidirectional characters are not allowed")
    return text


def _lines(text: str) -> str:
    return visible(text, newlines=True)


def _key32(text: str) -> str:
    from_b64u(text, size=32)
    return text


def _point(text: str) -> str:
    if from_b64u(text, size=hpke.PUBLIC_KEY_SIZE)[0] != 4:
        raise ValueError("not an uncompressed point")
    return text


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("a time is a string")
    return parse_time(value)


Url = Annotated[str, Field(pattern=f"^{_SERVICE_URL.pattern}$", max_length=200)]
Origin = Annotated[str, Field(pattern=f"^{_ORIGIN.pattern}$", max_length=200)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")]
Oktmo = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Line = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(visible)]
RawKey = Annotated[str, AfterValidator(_key32)]
Point = Annotated[str, AfterValidator(_point)]
Time = Annotated[datetime, BeforeValidator(_time), PlainSerializer(format_time)]
Language = Literal["ru", "en"]
Text = dict[Language, Annotated[str, Field(min_length=1, max_length=10_000), AfterValidator(_lines)]]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Option(_Part):
    """One option of a question."""

    id: Id
    text: Text


class Question(_Part):
    """One question. `min` to `max` options are named or ranked; for `score` these are the scale's ends."""

    id: Id
    kind: Literal["single", "multiple", "ranking", "score"]
    text: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=100, strict=False)]
    min: int
    max: int
    abstention: bool

    @model_validator(mode="after")
    def _limits(self) -> "Question":
        if self.kind == "score":
            if not 0 <= self.min < self.max <= MAX_SCORE:
                raise ValueError(f"scores: 0 <= min < max <= {MAX_SCORE}")
        elif not 1 <= self.min <= self.max <= len(self.options):
            raise ValueError("1 <= min <= max <= number of options")
        if self.kind == "single" and self.max != 1:
            raise ValueError("a single choice names one option")
        if len({option.id for option in self.options}) != len(self.options):
            raise ValueError("an option id stands twice")
        return self


class Territory(_Part):
    """A municipality (or the whole region, 01000000) whose residents may vote."""

    oktmo: Oktmo
    name: Line


class Issuer(_Part):
    """An issuer of the poll: where it is and its three public keys."""

    name: Line
    url: Url
    statement_key: RawKey
    token_key: str
    log_url: Url
    log_key: str


class BallotBox(_Part):
    """The ballot box of the poll: where it is and its two public keys."""

    url: Url
    statement_key: RawKey
    log_url: Url
    log_key: str


class Batch(_Part):
    """Mixing: at least `floor` ballots, and `longest_wait` seconds since the first was seen."""

    floor: Annotated[int, Field(ge=1, le=1_000_000)]
    longest_wait: Annotated[int, Field(ge=1, le=604_800)]


class Population(_Part):
    """How many might take part, and who says so."""

    number: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    source: Line


class Sealing(_Part):
    """Who opens the answers of a sealed poll: `threshold` of the trustees, or the box itself at closing."""

    custodian: Literal["trustees", "automatic"]
    public_key: Point
    suite: Literal["DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM"]
    threshold: Annotated[int, Field(ge=1, le=MAX_TRUSTEES)]
    trustees: Annotated[tuple[Line, ...], Field(max_length=MAX_TRUSTEES, strict=False)]

    @model_validator(mode="after")
    def _custody(self) -> "Sealing":
        if self.custodian == "automatic":
            if self.trustees or self.threshold != 1:
                raise ValueError("an automatic custodian is 1 of 1 and has no trustees")
        elif not 2 <= self.threshold <= len(self.trustees):
            raise ValueError("2 <= threshold <= number of trustees")
        if len(set(self.trustees)) != len(self.trustees):
            raise ValueError("a trustee stands twice")
        return self

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, its first 16 bytes in groups of four hex digits: for eyes to compare."""
        digest = hashlib.sha256(from_b64u(self.public_key)).hexdigest()[:32]
        return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


class Manifest(_Part):
    """The members of docs/protocol.md 3.2."""

    format: Literal["veche/manifest/v1"]
    title: Text
    description: Text
    languages: Annotated[tuple[Language, ...], Field(strict=False)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=20, strict=False)]
    answer_size: Annotated[int, Field(ge=ANSWER_SIZE_STEP)]
    territory: Annotated[tuple[Territory, ...], Field(min_length=1, max_length=100, strict=False)]
    residency: Literal["declared", "verified"]
    minimum_age: Annotated[int, Field(ge=14, le=120)]
    issuance_opens_at: Time
    opens_at: Time
    closes_at: Time
    include_by: Time
    token_suite: Literal["RSABSSA-SHA384-PSS-Randomized"]
    issuers: Annotated[tuple[Issuer, ...], Field(min_length=1, max_length=16, strict=False)]
    threshold: Annotated[int, Field(ge=1)]
    faulty: Count
    ballot_box: BallotBox
    client: Origin
    result_mode: Literal["live", "sealed"]
    sealing: Sealing | None
    revoting: bool
    batch: Batch
    minimum_participants: Count
    eligible_population: Population | None
    dispute_days: Annotated[int, Field(ge=0, le=3650)]
    contact: Line
    legal_basis: Line

    @model_validator(mode="after")
    def _whole(self) -> "Manifest":
        _check_times(self)
        _check_issuers(self)
        _check_texts(self)
        _check_territory(self)
        if len({question.id for question in self.questions}) != len(self.questions):
            raise ValueError("a question id stands twice")
        if (self.sealing is None) != (self.result_mode == "live"):
            raise ValueError("sealing is what a sealed poll has")
        if self.answer_size != answer_size(self.questions, sealed=self.sealing is not None):
            raise ValueError("answer_size is not the size that section 3.4 gives")
        if self.plaintext_size > MAX_PLAINTEXT_SIZE:
            raise ValueError(f"answers of more than {MAX_PLAINTEXT_SIZE} bytes")
        return self

    @property
    def plaintext_size(self) -> int:
        """Length in bytes of the padded answers, before they are sealed where the poll is."""
        return self.answer_size - (hpke.OVERHEAD if self.sealing else 0)


def _check_times(manifest: Manifest) -> None:
    if not manifest.issuance_opens_at <= manifest.opens_at < manifest.closes_at < manifest.include_by:
        raise ValueError("issuance_opens_at <= opens_at < closes_at < include_by")


def _check_issuers(manifest: Manifest) -> None:
    n, k, f = len(manifest.issuers), manifest.threshold, manifest.faulty
    if not (k <= n and 2 * k > n + f):
        raise ValueError("k <= n and 2k > n + f")
    services: tuple[Issuer | BallotBox, ...] = (*manifest.issuers, manifest.ballot_box)
    for service in services:
        if not _LOG_PATH.fullmatch(service.log_url.removeprefix(service.url)):
            raise ValueError("log_url is the service's url and /log/ with 32 hex digits")
    for kind in ("url", "statement_key", "log_url", "log_key"):
        if len({getattr(service, kind) for service in services}) != len(services):
            raise ValueError(f"two services share a {kind}")
    if len({issuer.token_key for issuer in manifest.issuers}) != n:
        raise ValueError("two issuers share a token key")


def _check_texts(manifest: Manifest) -> None:
    languages = manifest.languages
    if languages not in (("ru",), ("ru", "en")):
        raise ValueError('languages are ["ru"] or ["ru","en"]')
    texts = [manifest.title, manifest.description]
    for question in manifest.questions:
        texts += [question.text, *(option.text for option in question.options)]
    if any(set(text) != set(languages) for text in texts):
        raise ValueError("every text has every language and no other")
    if any(len(title) > 200 or "\n" in title for title in manifest.title.values()):
        raise ValueError("a title is one line of at most 200 characters")


def _check_territory(manifest: Manifest) -> None:
    codes = [territory.oktmo for territory in manifest.territory]
    if any(left >= right for left, right in pairwise(codes)):
        raise ValueError("territory codes ascend and are unique")


def answer_size(questions: tuple[Question, ...], *, sealed: bool) -> int:
    """The smallest multiple of 64 bytes that holds the longest valid answers (docs/protocol.md 3.4).

    Sealed: by what sealing adds more.
    """
    longest = {question.id: _longest_answer(question) for question in questions}
    padded = -(-len(canonical_json(longest)) // ANSWER_SIZE_STEP) * ANSWER_SIZE_STEP
    return padded + (hpke.OVERHEAD if sealed else 0)


def _longest_answer(question: Question) -> list[str] | list[int]:
    if question.kind == "score":
        return [question.max] * len(question.options)
    return sorted((option.id for option in question.options), key=len)[-question.max :]


@dataclass(frozen=True)
class Poll:
    """A manifest with the bytes it came as. `poll_id` is their SHA-256, 32 bytes."""

    manifest: Manifest
    manifest_bytes: bytes

    @cached_property
    def poll_id(self) -> bytes:
        """SHA-256 of the manifest bytes."""
        return hashlib.sha256(self.manifest_bytes).digest()

    @cached_property
    def first_leaf(self) -> bytes:
        """Leaf 0 of the poll log, which is also what the issuers sign."""
        return labels.MANIFEST + self.manifest_bytes


def parse_manifest(data: bytes) -> Poll:
    """Parse manifest bytes. Raises ManifestInvalid on anything that breaks section 3.

    The token and log keys are checked where they are used: `shared.poll_keys`.
    """
    if len(data) > MAX_MANIFEST_SIZE:
        raise ManifestInvalid("longer than 60,000 bytes")
    try:
        return Poll(Manifest.model_validate(parse_canonical(data)), data)
    except EncodingRefused as refused:
        raise ManifestInvalid(str(refused)) from None
    except ValidationError as error:
        raise ManifestInvalid(describe(error)) from None


def build_manifest(members: Mapping[str, Any]) -> Poll:
    """Assemble a manifest from its members. Raises ManifestInvalid."""
    try:
        return parse_manifest(canonical_json(members))
    except EncodingRefused as refused:
        raise ManifestInvalid(str(refused)) from None


def describe(error: ValidationError) -> str:
    """Say where and what, one line per fault, without repeating the input."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'whole'}: {fault['msg']}" for fault in faults)
