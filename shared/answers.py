"""Answers in the clear, docs/protocol.md 6.2. `shared.sealing` seals and opens them."""

from collections.abc import Mapping
from typing import Any, Final

from shared.encoding import EncodingRefused, canonical_json, parse_canonical
from shared.manifest import Manifest, Question

PADDING: Final = b" "

Answer = tuple[str, ...] | tuple[int, ...]
"""Option ids, for `ranking` the best first, else in the manifest's order; for `score` a number for each
option in the manifest's order. Empty: an abstention."""

Answers = Mapping[str, Answer]
"""By question id."""


class InvalidAnswers(Exception):
    """Answers that break docs/protocol.md 6.2. The message names the rule, never the answer."""


def encode_answers(manifest: Manifest, answers: Answers) -> bytes:
    """Write answers in the clear, padded. Raises InvalidAnswers if they break the manifest's rules."""
    try:
        padded = canonical_json({key: list(value) for key, value in answers.items()})
    except EncodingRefused as refused:
        raise InvalidAnswers(str(refused)) from None
    padded = padded.ljust(manifest.plaintext_size, PADDING)
    decode_answers(manifest, padded)
    return padded


def decode_answers(manifest: Manifest, data: bytes) -> Answers:
    """Read padded answers in the clear. Raises InvalidAnswers."""
    if len(data) != manifest.plaintext_size:
        raise InvalidAnswers("not of the size the manifest gives")
    try:
        members = parse_canonical(data.rstrip(PADDING))
    except EncodingRefused as refused:
        raise InvalidAnswers(str(refused)) from None
    if not isinstance(members, dict) or set(members) != {question.id for question in manifest.questions}:
        raise InvalidAnswers("not an object with exactly the manifest's questions")
    return {question.id: _answer(question, members[question.id]) for question in manifest.questions}


def _answer(question: Question, value: Any) -> Answer:
    if not isinstance(value, list):
        raise InvalidAnswers("an answer is a list")
    if not value:
        if not question.abstention:
            raise InvalidAnswers("this question knows no abstention")
        return ()
    return _scores(question, value) if question.kind == "score" else _named(question, value)


def _scores(question: Question, value: list[Any]) -> tuple[int, ...]:
    if len(value) != len(question.options):
        raise InvalidAnswers("a score for every option")
    for score in value:
        if not isinstance(score, int) or isinstance(score, bool) or not question.min <= score <= question.max:
            raise InvalidAnswers("a score outside of the scale")
    return tuple(value)


def _named(question: Question, value: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(option, str) for option in value):
        raise InvalidAnswers("an answer is a list of option ids")
    known = [option.id for option in question.options]
    if not set(value) <= set(known) or len(set(value)) != len(value):
        raise InvalidAnswers("option ids are known and unique")
    if question.kind != "ranking" and value != sorted(value, key=known.index):
        raise InvalidAnswers("option ids are in the manifest's order")
    if not question.min <= len(value) <= question.max:
        raise InvalidAnswers("too few or too many options")
    return tuple(value)
