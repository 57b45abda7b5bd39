"""Tables for spreadsheet programs: CSV that Excel reads, and a workbook."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from shared.manifest import Language, Manifest

Row = Sequence[str | int]

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WORDS: Final[dict[str, dict[Language, str]]] = {
    "question": {"ru": "вопрос", "en": "question"},
    "option": {"ru": "вариант", "en": "option"},
    "what": {"ru": "что", "en": "what"},
    "number": {"ru": "число", "en": "number"},
    "abstained": {"ru": "воздержались", "en": "abstained"},
    "ballots": {"ru": "всего бюллетеней", "en": "ballots"},
    "round": {"ru": "тур", "en": "round"},
    "scores": {"ru": "сумма оценок", "en": "sum of scores"},
    "votes": {"ru": "голосов", "en": "votes"},
    "result": {"ru": "Результат", "en": "Result"},
}


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """With a byte order mark and semicolons, as Excel wants it in Russian; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def result_csv(manifest: Manifest, result: dict[str, Any], language: Language) -> bytes:
    """A result (docs/protocol.md 8.3) as CSV."""
    return csv_bytes(result_rows(manifest, result, language))


def result_xlsx(manifest: Manifest, result: dict[str, Any], language: Language) -> bytes:
    """A result as a workbook of one sheet; texts are texts, never formulas or links."""
    import xlsxwriter  # noqa: PLC0415 - slow to load, rarely needed

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet(_WORDS["result"][language])
        bold = book.add_format({"bold": True})
        sheet.set_column(0, 1, 50)
        for number, row in enumerate(result_rows(manifest, result, language)):
            sheet.write_row(number, 0, row, bold if number == 0 else None)
    return data.getvalue()


def result_rows(manifest: Manifest, result: dict[str, Any], language: Language) -> Iterator[Row]:
    """Head line, then a line per option (of a run-off, per option and round) and per abstention."""
    yield [_WORDS[word][language] for word in ("question", "option", "what", "number")]
    counted = {question["id"]: question for question in result["questions"]}
    for question in manifest.questions:
        text = question.text.get(language, question.text["ru"])
        names = {one.id: one.text.get(language, one.text["ru"]) for one in question.options}
        for option, what, number in _numbers(counted[question.id], language):
            yield [text, names[option], what, number]
        if question.abstention:
            yield [text, _WORDS["abstained"][language], "", counted[question.id]["abstentions"]]
    yield [_WORDS["ballots"][language], "", "", result["ballots"]]


def _numbers(counted: dict[str, Any], language: Language) -> Iterator[tuple[str, str, int]]:
    for number, found in enumerate(counted.get("rounds", ()), 1):
        for option in found["options"]:
            yield option["id"], f"{_WORDS['round'][language]} {number}", option["votes"]
    for option in counted.get("options", ()):
        if "sum" in option:
            yield option["id"], _WORDS["scores"][language], option["sum"]
        else:
            yield option["id"], _WORDS["votes"][language], option["votes"]
