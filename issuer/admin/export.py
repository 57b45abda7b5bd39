"""Results as files for an office: CSV that Excel reads, and a workbook."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from issuer.admin.regional import guarded
from issuer.admin.words import say
from shared.manifest import Manifest


def rows(manifest: Manifest, result: dict[str, Any]) -> Iterator[list[str | int]]:
    """Head line, then a line per option (of a run-off, per option and round) and per abstention."""
    yield [say("вопрос", "question"), say("вариант", "option"), say("что", "what"), say("число", "number")]
    counted = {question["id"]: question for question in result["questions"]}
    for question in manifest.questions:
        text = question.text["ru"]
        for option, what, number in _numbers(counted[question.id]):
            named = next(found.text["ru"] for found in question.options if found.id == option)
            yield [text, named, what, number]
        if question.abstention:
            yield [text, say("воздержались", "abstained"), "", counted[question.id]["abstentions"]]
    yield [say("всего бюллетеней", "ballots"), "", "", result["ballots"]]


def _numbers(counted: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    for number, found in enumerate(counted.get("rounds", ()), 1):
        for option in found["options"]:
            yield option["id"], say(f"тур {number}", f"round {number}"), option["votes"]
    for option in counted.get("options", ()):
        if "sum" in option:
            yield option["id"], say("сумма оценок", "sum of scores"), option["sum"]
        else:
            yield option["id"], say("голосов", "votes"), option["votes"]


def result_csv(manifest: Manifest, result: dict[str, Any]) -> bytes:
    """With a byte order mark and semicolons, as Excel wants it in Russian."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in rows(manifest, result):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def result_xlsx(manifest: Manifest, result: dict[str, Any]) -> bytes:
    """One sheet; texts are texts, never formulas or links."""
    import xlsxwriter  # noqa: PLC0415 - slow to load, rarely needed

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet(say("Результат", "Result"))
        bold = book.add_format({"bold": True})
        sheet.set_column(0, 1, 50)
        for number, row in enumerate(rows(manifest, result)):
            sheet.write_row(number, 0, row, bold if number == 0 else None)
    return data.getvalue()
