"""Counting as a pure function of a manifest and answers, docs/protocol.md section 8."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Tally:
    """A count in the making. Tallies of parts, added up in any order, are the tally of the whole."""

    valid: int = 0
    invalid: int = 0
    votes: Counter[tuple[str, str]] = field(default_factory=Counter)
    abstentions: Counter[str] = field(default_factory=Counter)

    def take(self, manifest: Manifest, answers_field: bytes, ballots: int = 1) -> None:
        """Take in so many ballots with this answers field (rules 2 and 3 of docs/protocol.md 8.2)."""
        try:
            answers = decode_answers(manifest, answers_field)
        except InvalidAnswers:
            self.invalid += ballots
            return
        self.valid += ballots
        for question, named in answers.items():
            self.votes.update({(question, option): ballots for option in named})
            self.abstentions[question] += 0 if named else ballots

    def add(self, other: "Tally") -> None:
        """Add the tally of another part."""
        self.valid += other.valid
        self.invalid += other.invalid
        self.votes.update(other.votes)
        self.abstentions.update(other.abstentions)

    def count(self, manifest: Manifest) -> Count:
        """The count (rules 4 and 5)."""
        return Count(
            valid=self.valid,
            invalid=self.invalid,
            held=self.valid >= manifest.minimum_participants,
            questions=tuple(self._question(question) for question in manifest.questions),
        )

    def _question(self, question: Question) -> QuestionCount:
        return QuestionCount(
            id=question.id,
            votes=tuple((option.id, self.votes[question.id, option.id]) for option in question.options),
            abstentions=self.abstentions[question.id],
        )


def count_answers(manifest: Manifest, answers_fields: Iterable[bytes]) -> Count:
    """Count the answers fields of a poll's ballots (rules 2 to 5 of docs/protocol.md 8.2).

    Rule 1 (faults of the box) is the auditor's: what arrives here are ballots that verify.
    """
    tally = Tally()
    for answers_field in answers_fields:
        tally.take(manifest, answers_field)
    return tally.count(manifest)
