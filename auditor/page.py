"""The report as one self-contained page for people, in Russian (docs/auditors.ru.md explains it)."""

from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from auditor.report import Finding, Report, Verdict, final_numbers
from auditor.russian import in_russian
from shared.count import QuestionCount
from shared.manifest import Question

VERDICTS: Final[dict[Verdict, tuple[str, str]]] = {
    "verified": (
        "Подтверждено",
        "Итог пересчитан по опубликованным бюллетеням и совпал с объявленным; нарушений не найдено.",
    ),
    "failed": (
        "Есть нарушения",
        "Хотя бы одна проверка нашла нарушение. Итогу в таком виде верить нельзя.",
    ),
    "inconclusive": (
        "Вывода нет",
        "Нарушений не найдено, но проверено не всё: что именно — сказано ниже.",
    ),
}

STATUSES: Final = {"PASS": "в порядке", "FAIL": "нарушение", "SKIPPED": "не проверено"}

CHECKS: Final = {
    "manifest": "Условия голосования целы, их отпечаток равен номеру голосования",
    "trust": "Регистраторы и урна — те, которым доверяет проверяющий",
    "manifest-signatures": "Условия подписаны каждым регистратором",
    "parameters": "Ключи и порог надёжны",
    "checkpoint": "Журнал бюллетеней подписан урной",
    "tree": "Журнал бюллетеней пересчитан: записи дают подписанный отпечаток",
    "consistency": "Журнал продолжает то, что было видно раньше",
    "first-leaf": "Журнал начинается с условий голосования",
    "closing": "Журнал закрыт, и после закрытия ничего не добавлено",
    "ballots": "Каждая запись — бюллетень этого голосования",
    "tokens": "Каждый бюллетень заверен регистраторами",
    "ballot-signatures": "Каждый бюллетень подписан своим ключом",
    "unique": "Ни один бюллетень не учтён дважды",
    "receipts": "Бюллетени по предъявленным квитанциям на месте",
    "result": "Объявленный итог подписан и равен пересчёту",
    "issuance": "Бюллетеней не больше, чем выдано разрешений",
    "other-polls": "Ключи не повторяются в других голосованиях",
    "witnesses": "Журнал заверен независимыми свидетелями в срок",
    "catalogue": "Голосование внесено в общий каталог, где его видят все",
    "opening": "Скрытые ответы вскрыты после закрытия тем ключом, который назван в условиях",
    "client": "Сайт для голосования — опубликованный выпуск, файл в файл",
}

MEANINGS: Final = {
    "manifest": "Условия голосования подменили или испортили: неизвестно, за что голосовали.",
    "trust": "Голосование ведут не те, чьи ключи объявлены: за ним может стоять посторонний.",
    "manifest-signatures": "Условия подписали не все, кто обязан: их мог изменить кто-то один.",
    "parameters": "Ключи слабы, или подписей нужно слишком мало: бюллетени можно подделать.",
    "checkpoint": "Урна не подписывала этого журнала: он может быть не её.",
    "tree": "Часть журнала скрыта или подменена: он не тот, который урна подписала.",
    "consistency": "Раньше урна подписала другой журнал: историю переписали.",
    "first-leaf": "Журнал относится к другим условиям голосования.",
    "closing": "Журнал не закрыт как положено: бюллетени могли добавить или убрать после окончания.",
    "ballots": "В журнале есть записи, которые не могут быть бюллетенями этого голосования.",
    "tokens": "В журнале есть бюллетени, которых никто не выдавал: это вброс.",
    "ballot-signatures": "Бюллетени изменил не тот, кто голосовал.",
    "unique": "Один и тот же бюллетень внесён больше одного раза.",
    "receipts": "Урна выбросила принятый бюллетень, или предъявлена чужая квитанция.",
    "result": "Объявленный итог не подтверждается бюллетенями.",
    "issuance": "Бюллетеней больше, чем выдано жителям, или учёт выданного скрыт: возможен вброс.",
    "other-polls": "Ключи уже служили другому голосованию: бюллетени одного могли зачесть в другом.",
    "witnesses": "Независимые свидетели не заверили журнал в срок: разным людям могли показать разное.",
    "catalogue": "Голосования нет в общем каталоге: его могли показать не всем или показать разным.",
    "opening": "Ответы вскрыты не вовремя или не тем ключом: их мог читать тот, кому нельзя.",
    "client": "Сайт для голосования отдаёт не те файлы, что опубликованы: он мог подменить ответы.",
}
"""What a failed check means, for whoever is no specialist."""

NUMBERS: Final[dict[str, str]] = {
    "score": "Сумма оценок.",
    "ranking": "Голоса в последнем туре подсчёта с выбыванием.",
}
"""What the numbers of a question are where they are not plainly votes, by its kind."""

BAR_WIDTH: Final = 400
"""Of the longest bar, in units of the picture."""


def report_page(report: Report) -> str:
    """The page. Equal reports give equal pages: it holds no time and no path."""
    environment = Environment(
        loader=PackageLoader("auditor"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    heading, meaning = VERDICTS[report.verdict]
    return environment.get_template("report.html").render(
        verdict=report.verdict,
        heading=heading,
        meaning=meaning,
        poll_id=report.poll_id,
        title=report.poll.manifest.title["ru"] if report.poll else "Без условий",
        contact=report.poll.manifest.contact if report.poll else "",
        checks=[_check(finding) for finding in report.findings],
        count=report.count,
        closed=any(finding.id == "closing" and finding.status == "PASS" for finding in report.findings),
        charts=_charts(report),
    )


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "number": finding.number,
        "name": CHECKS.get(finding.id, finding.id),
        "status": STATUSES[finding.status],
        "class": finding.status.lower(),
        "meaning": MEANINGS.get(finding.id, "") if finding.status == "FAIL" else "",
        "detail": _told(finding.detail),
        "faults": [_told(fault) for fault in finding.faults],
    }


def _told(sentence: str) -> tuple[str, str]:
    """The language and the sentence: Russian where it is known."""
    russian = in_russian(sentence)
    return ("en", sentence) if russian is None else ("ru", russian)


def _charts(report: Report) -> list[dict[str, Any]]:
    if report.poll is None or report.count is None:
        return []
    questions = report.poll.manifest.questions
    return [
        _chart(question, count) for question, count in zip(questions, report.count.questions, strict=True)
    ]


def _chart(question: Question, count: QuestionCount) -> dict[str, Any]:
    """Rows of a bar chart: label; votes, sum of scores or votes of the last round; length of the bar."""
    texts = {option.id: option.text["ru"] for option in question.options}
    rows = [(texts[option], number) for option, number in final_numbers(count)]
    if question.abstention:
        rows.append(("Воздержались", count.abstentions))
    highest = max(votes for _, votes in rows) or 1
    return {
        "question": question.text["ru"],
        "numbers": NUMBERS.get(question.kind),
        "rows": [
            {"label": label, "votes": votes, "length": votes * BAR_WIDTH // highest} for label, votes in rows
        ],
    }
