"""A poll's draft, as an administrator writes it in YAML, and the manifest that is made of it."""

import hashlib
import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    ValidationError,
)

from crypto import hpke
from crypto.errors import InvalidKey
from shared.clock import ALTAI
from shared.encoding import canonical_json, format_time, from_b64u
from shared.manifest import (
    FORMAT,
    TOKEN_SUITE,
    BallotBox,
    Batch,
    Count,
    Issuer,
    Language,
    Line,
    Oktmo,
    Poll,
    Population,
    Question,
    Sealing,
    Text,
    answer_size,
    build_manifest,
    describe,
)
from shared.territory import UnknownTerritory, name_of

MAX_DRAFT_SIZE = 200_000
_YEARS = range(2000, 2200)


class DraftInvalid(Exception):
    """A draft that cannot become a poll. The message names the field."""


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("a time is written as 2026-11-23T19:00:00+07:00") from None
    if not isinstance(moment, datetime) or moment.tzinfo is None or moment.microsecond:
        raise ValueError("a time has a date, a time in whole seconds and a zone")
    if moment.year not in _YEARS:
        raise ValueError("a time has a year from 2000 to 2199")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(format_time)]


Seal = Annotated[
    Annotated[Sealing, Tag("trustees")] | Annotated[Literal["automatic"], Tag("automatic")],
    Discriminator(lambda value: "automatic" if isinstance(value, str) else "trustees"),
]


class Draft(BaseModel):
    """The members of a draft; names of places come from the table of territories."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    title: Text
    description: Text
    languages: Annotated[tuple[Language, ...], Field(strict=False)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=20, strict=False)]
    territory: Annotated[tuple[Oktmo, ...], Field(min_length=1, max_length=100, strict=False)]
    residency: Literal["declared", "verified"]
    minimum_age: Annotated[int, Field(ge=14, le=120)]
    issuance_opens_at: Moment
    opens_at: Moment
    closes_at: Moment
    include_by_seconds: Annotated[int, Field(ge=1, le=31_536_000)]
    batch: Batch
    revoting: bool = False
    sealing: Seal | None = None
    """What `veche-trustee ceremony` wrote; `automatic`: the box opens by itself; nothing: votes are open."""
    minimum_participants: Count
    eligible_population: Population | None
    dispute_days: Annotated[int, Field(ge=0, le=3650)]
    contact: Line
    legal_basis: Line
    token_bits: Literal[2048, 3072, 4096] | None = None

    def request(self) -> bytes:
        """SHA-256 of the canonical draft, 32 bytes: the same draft is the same publication."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json"))).digest()


def read_draft(path: Path) -> Draft:
    """Read a draft file, `-` for standard input. Raises DraftInvalid, also when it cannot be read."""
    try:
        with nullcontext(sys.stdin.buffer) if path == Path("-") else path.open("rb") as file:
            data = file.read(MAX_DRAFT_SIZE + 1)
    except OSError as error:
        raise DraftInvalid(f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_DRAFT_SIZE:
        raise DraftInvalid(f"longer than {MAX_DRAFT_SIZE} bytes")
    return parse_draft(data)


def parse_draft(data: bytes) -> Draft:
    """Read YAML strictly. Raises DraftInvalid."""
    try:
        members = yaml.load(data, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise DraftInvalid(f"not YAML: {_fault(error)}") from None
    try:
        return Draft.model_validate(members)
    except ValidationError as error:
        raise DraftInvalid(describe(error)) from None


def assemble(
    draft: Draft,
    *,
    issuers: Sequence[Issuer],
    threshold: int = 1,
    faulty: int = 0,
    ballot_box: BallotBox,
    sealing_key: str,
    client: str,
) -> Poll:
    """The manifest of a draft with these issuers. Raises ManifestInvalid, DraftInvalid.

    `sealing_key`: with which the box could open the poll by itself, b64u.
    """
    members: dict[str, Any] = draft.model_dump(mode="json", exclude={"include_by_seconds", "token_bits"})
    return build_manifest({
        **members,
        "format": FORMAT,
        "answer_size": answer_size(draft.questions, sealed=draft.sealing is not None),
        "territory": _named(draft.territory, draft.opens_at),
        "include_by": format_time(draft.closes_at + timedelta(seconds=draft.include_by_seconds)),
        "token_suite": TOKEN_SUITE,
        "issuers": [issuer.model_dump(mode="json") for issuer in issuers],
        "threshold": threshold,
        "faulty": faulty,
        "ballot_box": ballot_box.model_dump(mode="json"),
        "client": client,
        "result_mode": "live" if draft.sealing is None else "sealed",
        "sealing": _sealing(draft, sealing_key),
    })  # fmt: skip


def _sealing(draft: Draft, sealing_key: str) -> dict[str, Any] | None:
    if draft.sealing == "automatic":
        return {
            "custodian": "automatic",
            "public_key": sealing_key,
            "suite": hpke.SUITE,
            "threshold": 1,
            "trustees": [],
        }
    if draft.sealing is None:
        return None
    if draft.sealing.custodian == "automatic":
        raise DraftInvalid("sealing: an automatic custodian has no key to name, the word is enough")
    try:
        hpke.check_public_key(from_b64u(draft.sealing.public_key))
    except InvalidKey as error:
        raise DraftInvalid(f"sealing.public_key: {error}") from None
    return draft.sealing.model_dump(mode="json")


def _named(codes: Iterable[str], opens_at: datetime) -> list[dict[str, str]]:
    day = opens_at.astimezone(ALTAI).date()
    try:
        return [{"oktmo": code, "name": name_of(code, day)} for code in sorted(codes)]
    except UnknownTerritory as error:
        raise DraftInvalid(f"territory: {error}") from None


def _fault(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return "cannot be parsed"


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a name that stands twice in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        names: set[str] = set()
        for key, _ in node.value:
            if key.value in names:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} stands twice", key.start_mark
                )
            names.add(key.value)
        return super().construct_mapping(node, deep)
