"""Counting as a pure function of a manifest and answers, docs/protocol.md section 8."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.answers import Answer, InvalidAnswers, decode_answers
from shared.manifest import Manifest, Question
from shared.runoff import Round, run_off


@dataclass(frozen=True, slots=True)
class ChoiceCount:
    """`single` and `multiple`: votes by option, in the manifest's order."""

    id: str
    votes: tuple[tuple[str, int], ...]
    abstentions: int

    @property
    def leading(self) -> tuple[str, ...]:
        """Every option with the highest count; none when that is 0. No tie is broken."""
        return _highest(self.votes)


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """`score`: by option, how many gave each value of the scale, from the lowest up."""

    id: str
    lowest: int
    scores: tuple[tuple[str, tuple[int, ...]], ...]
    abstentions: int

    @property
    def sums(self) -> tuple[tuple[str, int], ...]:
        """The sum of an option's scores. Every option has as many scores, so sums compare as means do."""
        return tuple((option, self._sum(numbers)) for option, numbers in self.scores)

    @property
    def leading(self) -> tuple[str, ...]:
        """Every option with the highest sum; none when that is 0. No tie is broken."""
        return _highest(self.sums)

    def _sum(self, numbers: tuple[int, ...]) -> int:
        return sum(value * number for value, number in enumerate(numbers, self.lowest))


@dataclass(frozen=True, slots=True)
class RankingCount:
    """`ranking`: the rounds of the run-off."""

    id: str
    rounds: tuple[Round, ...]
    leading: tuple[str, ...]
    abstentions: int


QuestionCount = ChoiceCount | ScoreCount | RankingCount


@dataclass(frozen=True, slots=True)
class Count:
    """The count of a poll."""

    valid: int
    invalid: int
    held: bool
    questions: tuple[QuestionCount, ...]

    @property
    def ballots(self) -> int:
        """Rule 5: all ballots that count, valid and invalid."""
        return self.valid + self.invalid


@dataclass(slots=True)
class Tally:
    """A count in the making. Tallies of parts, added up in any order, are the tally of the whole.

    `votes` by question and option, `scores` by question, option and value, `rankings` by question and order.
    """

    valid: int = 0
    invalid: int = 0
    votes: Counter[tuple[str, str]] = field(default_factory=Counter)
    scores: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    rankings: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)
    abstentions: Counter[str] = field(default_factory=Counter)

    def take(self, manifest: Manifest, answers_field: bytes, ballots: int = 1) -> None:
        """Take in so many ballots with these answers in the clear (rules 3 and 4 of docs/protocol.md 8.2).

        A negative number takes out what was taken in: ballots that a later revision replaces (rule 2).
        """
        try:
            answers = decode_answers(manifest, answers_field)
        except InvalidAnswers:
            self.invalid += ballots
            return
        self.valid += ballots
        for question in manifest.questions:
            self._take_answer(question, answers[question.id], ballots)

    def add(self, other: "Tally") -> None:
        """Add the tally of another part."""
        self.valid += other.valid
        self.invalid += other.invalid
        self.votes.update(other.votes)
        self.scores.update(other.scores)
        self.rankings.update(other.rankings)
        self.abstentions.update(other.abstentions)

    def count(self, manifest: Manifest) -> Count:
        """The count (rules 5 and 6)."""
        return Count(
            valid=self.valid,
            invalid=self.invalid,
            held=self.valid >= manifest.minimum_participants,
            questions=tuple(self._question(question) for question in manifest.questions),
        )

    def _take_answer(self, question: Question, answer: Answer, ballots: int) -> None:
        if not answer:
            self.abstentions[question.id] += ballots
        elif question.kind == "score":
            for option, value in zip(question.options, map(int, answer), strict=True):
                self.scores[question.id, option.id, value] += ballots
        elif question.kind == "ranking":
            self.rankings[question.id, tuple(str(option) for option in answer)] += ballots
        else:
            self.votes.update({(question.id, str(option)): ballots for option in answer})

    def _question(self, question: Question) -> QuestionCount:
        options, abstentions = [option.id for option in question.options], self.abstentions[question.id]
        if question.kind == "score":
            scale = range(question.min, question.max + 1)
            scores = tuple(
                (option, tuple(self.scores[question.id, option, value] for value in scale))
                for option in options
            )
            return ScoreCount(question.id, question.min, scores, abstentions)
        if question.kind == "ranking":
            rankings = {
                ranking: ballots
                for (asked, ranking), ballots in self.rankings.items()
                if asked == question.id and ballots
            }
            found = run_off(options, rankings)
            return RankingCount(question.id, found.rounds, found.leading, abstentions)
        votes = tuple((option, self.votes[question.id, option]) for option in options)
        return ChoiceCount(question.id, votes, abstentions)


def count_answers(manifest: Manifest, answers_fields: Iterable[bytes]) -> Count:
    """Count the answers, in the clear, of those ballots of a poll that count (docs/protocol.md 8.2).

    Rules 3 to 6: rule 1 (faults of the box) is the auditor's, and rule 2 (revisions) has been applied.
    """
    tally = Tally()
    for answers_field in answers_fields:
        tally.take(manifest, answers_field)
    return tally.count(manifest)


def _highest(numbers: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    highest = max(number for _, number in numbers)
    return tuple(option for option, number in numbers if number == highest > 0)
