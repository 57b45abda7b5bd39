"""Counting as a pure function of a manifest and answers, docs/protocol.md section 8."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from shared.answers import InvalidAnswers, decode_answers
from shared.manifest import Manifest, Question


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """The count of one question; `votes` in the manifest's order of options."""

    id: str
    votes: tuple[tuple[str, int], ...]
    abstentions: int

    @property
    def leading(self) -> tuple[str, ...]:
        """Rule 5: every option with the highest count; none when that is 0. No tie is broken."""
        highest = max(number for _, number in self.votes)
        return tuple(option for option, number in self.votes if number == highest > 0)


@dataclass(frozen=True, slots=True)
class Count:
    """The count of a poll."""

    valid: int
    invalid: int
    held: bool
    questions: tuple[QuestionCount, ...]

    @property
    def ballots(self) -> int:
        """Rule 4: all ballots, valid and invalid."""
        return self.valid + self.invalid


def count_answers(manifest: Manifest, answers_fields: Iterable[bytes]) -> Count:
    """Count the answers fields of a poll's ballots (rules 2 to 5 of docs/protocol.md 8.2).

    Rule 1 (faults of the box) is the auditor's: what arrives here are ballots that verify.
    """
    valid = invalid = 0
    votes: Counter[tuple[str, str]] = Counter()
    abstentions: Counter[str] = Counter()
    for field in answers_fields:
        try:
            answers = decode_answers(manifest, field)
        except InvalidAnswers:
            invalid += 1
            continue
        valid += 1
        for question, named in answers.items():
            votes.update((question, option) for option in named)
            abstentions[question] += not named
    return Count(
        valid=valid,
        invalid=invalid,
        held=valid >= manifest.minimum_participants,
        questions=tuple(_question_count(question, votes, abstentions) for question in manifest.questions),
    )


def _question_count(
    question: Question, votes: Counter[tuple[str, str]], abstentions: Counter[str]
) -> QuestionCount:
    return QuestionCount(
        id=question.id,
        votes=tuple((option.id, votes[question.id, option.id]) for option in question.options),
        abstentions=abstentions[question.id],
    )
