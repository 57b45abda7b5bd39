"""What an audit found: numbered checks, counts, one verdict (docs/protocol.md 9.2 and 9.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.count import ChoiceCount, Count, QuestionCount, RankingCount, ScoreCount
from shared.encoding import canonical_json
from shared.manifest import Poll
from shared.result import question_members

Status = Literal["PASS", "FAIL", "SKIPPED"]
Verdict = Literal["verified", "failed", "inconclusive"]

EXIT_CODES: Final[Mapping[Verdict, int]] = {"verified": 0, "failed": 1, "inconclusive": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check. `faults` holds every offending record, one line each.

    `leaves_open`: a skipped check that leaves a question open, so that the verdict is inconclusive.
    """

    number: int
    id: str
    status: Status
    detail: str
    faults: tuple[str, ...] = ()
    leaves_open: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of one audit, and the recount if there could be one."""

    poll_id: str
    poll: Poll | None
    findings: tuple[Finding, ...]
    count: Count | None

    @property
    def verdict(self) -> Verdict:
        """Rule 9.3."""
        if self.failed:
            return "failed"
        if any(finding.leaves_open for finding in self.findings):
            return "inconclusive"
        return "verified"

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the checks that failed."""
        return tuple(finding.id for finding in self.findings if finding.status == "FAIL")

    def lines(self) -> Iterator[str]:
        """The report for people, verdict last."""
        yield f"poll {self.poll_id}"
        for finding in self.findings:
            yield f"{finding.number:>2} {finding.status:<7} {finding.id:<20} {finding.detail}"
            yield from (f"           - {fault}" for fault in finding.faults)
        yield from self._count_lines()
        yield f"verdict: {self.verdict}"

    def to_json(self) -> bytes:
        """The report for programs: canonical JSON, equal for equal input."""
        return canonical_json(
            {
                "checks": [_members(finding) for finding in self.findings],
                "format": "veche/audit/v1",
                "poll_id": self.poll_id,
                "result": None if self.count is None else _count_members(self.count),
                "verdict": self.verdict,
            }
        )

    def _count_lines(self) -> Iterator[str]:
        if self.count is None:
            return
        yield f"ballots {self.count.ballots}: valid {self.count.valid}, invalid {self.count.invalid}"
        for question in self.count.questions:
            numbers = ", ".join(f"{option} {number}" for option, number in final_numbers(question))
            yield f"  {question.id}: {numbers}; abstentions {question.abstentions}"


def final_numbers(question: QuestionCount) -> tuple[tuple[str, int], ...]:
    """What a question ends with, by option: votes, the sum of scores, or the votes of the last round."""
    match question:
        case ChoiceCount():
            return question.votes
        case ScoreCount():
            return question.sums
        case RankingCount():
            return question.rounds[-1].votes


def _members(finding: Finding) -> dict[str, Any]:
    return {
        "detail": finding.detail,
        "faults": list(finding.faults),
        "id": finding.id,
        "number": finding.number,
        "status": finding.status,
    }


def _count_members(count: Count) -> dict[str, Any]:
    return {
        "ballots": count.ballots,
        "held": count.held,
        "invalid": count.invalid,
        "questions": [question_members(question) for question in count.questions],
        "valid": count.valid,
    }
