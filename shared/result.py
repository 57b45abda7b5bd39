"""The result statement, docs/protocol.md 8.3."""

from typing import Any

from crypto import ed25519
from shared import labels
from shared.count import ChoiceCount, Count, QuestionCount, RankingCount, ScoreCount
from shared.encoding import canonical_json
from shared.runoff import Round


def result_statement(poll_id: bytes, count: Count, *, size: int, root: bytes) -> bytes:
    """The canonical JSON of a result that names the final checkpoint (`size`, 32-byte `root`)."""
    return canonical_json(
        {
            "ballots": count.ballots,
            "checkpoint": {"root": root.hex(), "size": size},
            "format": "veche/result/v1",
            "held": count.held,
            "invalid": count.invalid,
            "poll_id": poll_id.hex(),
            "questions": [question_members(question) for question in count.questions],
            "valid": count.valid,
        }
    )


def question_members(question: QuestionCount) -> dict[str, Any]:
    """The JSON members of one question's count."""
    members = {
        "abstentions": question.abstentions,
        "id": question.id,
        "leading": list(question.leading),
    }
    match question:
        case ChoiceCount():
            return members | {"options": [{"id": option, "votes": votes} for option, votes in question.votes]}
        case ScoreCount():
            sums = dict(question.sums)
            return members | {
                "options": [
                    {"id": option, "scores": list(numbers), "sum": sums[option]}
                    for option, numbers in question.scores
                ]
            }
        case RankingCount():
            return members | {"rounds": [_round_members(found) for found in question.rounds]}


def _round_members(found: Round) -> dict[str, Any]:
    return {
        "eliminated": list(found.eliminated),
        "exhausted": found.exhausted,
        "options": [{"id": option, "votes": votes} for option, votes in found.votes],
    }


def sign_result(seed: bytes, statement: bytes) -> bytes:
    """The box's 64-byte Ed25519 signature on a result statement."""
    return ed25519.sign(seed, labels.RESULT + statement)


def verify_result(statement_key: bytes, statement: bytes, signature: bytes) -> None:
    """Check the signature of a result statement. Raises InvalidSignature."""
    ed25519.verify(statement_key, labels.RESULT + statement, signature)
