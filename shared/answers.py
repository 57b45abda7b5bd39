"""The answers field of a ballot, docs/protocol.md 6.2."""

from collections.abc import Mapping
from typing import Any, Final

from shared.encoding import EncodingRefused, canonical_json, parse_canonical
from shared.manifest import Manifest, Question

PADDING: Final = b" "

Answers = Mapping[str, tuple[str, ...]]
"""Question id -> option ids in the manifest's order; empty: an abstention."""


class InvalidAnswers(Exception):
    """Answers that break docs/protocol.md 6.2. The message names the rule, never the answer."""


def encode_answers(manifest: Manifest, answers: Answers) -> bytes:
    """Write answers as `answer_size` bytes. Raises InvalidAnswers if they break the manifest's rules."""
    try:
        padded = canonical_json({key: list(value) for key, value in answers.items()})
    except EncodingRefused as refused:
        raise InvalidAnswers(str(refused)) from None
    padded = padded.ljust(manifest.answer_size, PADDING)
    decode_answers(manifest, padded)
    return padded


def decode_answers(manifest: Manifest, data: bytes) -> Answers:
    """Read the answers field. Raises InvalidAnswers."""
    if len(data) != manifest.answer_size:
        raise InvalidAnswers("not of the size the manifest gives")
    try:
        members = parse_canonical(data.rstrip(PADDING))
    except EncodingRefused as refused:
        raise InvalidAnswers(str(refused)) from None
    if not isinstance(members, dict) or set(members) != {question.id for question in manifest.questions}:
        raise InvalidAnswers("not an object with exactly the manifest's questions")
    return {question.id: _named(question, members[question.id]) for question in manifest.questions}


def _named(question: Question, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(option, str) for option in value):
        raise InvalidAnswers("an answer is a list of option ids")
    in_order = [option.id for option in question.options if option.id in value]
    if value != in_order:
        raise InvalidAnswers("option ids are known, unique and in the manifest's order")
    if not value:
        if not question.abstention:
            raise InvalidAnswers("this question knows no abstention")
    elif not question.min <= len(value) <= question.max:
        raise InvalidAnswers("too few or too many options")
    return tuple(value)
