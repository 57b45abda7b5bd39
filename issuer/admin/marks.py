"""How many different ballots a poll allows: with too many, one can be agreed on as a mark (attack A18)."""

from collections.abc import Iterable
from math import comb, perm, prod
from typing import Final

from issuer.admin.words import say
from shared.manifest import Question

MANY: Final = 1_000
"""So many different ballots that in a village almost every one may be somebody's own."""


def mark_notice(questions: Iterable[Question]) -> str | None:
    """The warning that a ballot can be recognised by its answers, if it can."""
    number = prod(map(_answers, questions))
    if number <= MANY:
        return None
    return say(
        f"Разных бюллетеней здесь возможно {_shown(number, 'более ')}. По редкому сочетанию ответов можно "
        "узнать бюллетень, о котором договорились. Лучше меньше вопросов и короче списки для расстановки.",
        f"{_shown(number, 'More than ')} different ballots are possible here. By a rare combination of "
        "answers a ballot that was agreed on can be recognised. Ask fewer questions, rank fewer options.",
    )


def _shown(number: int, more: str) -> str:
    most = 1_000_000
    return (more if number > most else "") + f"{min(number, most):,}".replace(",", "\u00a0")


def _answers(question: Question) -> int:
    """In how many ways a question can be answered."""
    options, numbers = len(question.options), range(question.min, question.max + 1)
    if question.kind == "score":
        ways: int = len(numbers) ** options
    elif question.kind == "ranking":
        ways = sum(perm(options, number) for number in numbers)
    else:
        ways = sum(comb(options, number) for number in numbers)
    return ways + question.abstention
