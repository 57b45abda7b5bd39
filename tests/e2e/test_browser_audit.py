"""«Проверить подсчёт» in a real browser, over records of the fraud catalogue that two real servers serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from auditor.commands.diff import diff
from shared.encoding import parse_canonical
from tests.e2e.axe import violations_in_every_colour
from tests.e2e.booth import Booth
from tests.e2e.chromium import FLAGS, find
from tests.e2e.conftest import SIZES
from tests.frauds.catalogue import CASES, write_case
from tests.programs.record_site import SITE, record_site
from tests.public_record import write_folder
from tests.simulator import WITNESS, Election

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.fraud,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the client is not built"),
]


@contextmanager
def _page_of(name: str, folder: Path, browser: Browser, size: str) -> Iterator[tuple[Booth, str]]:
    """A case of the catalogue in a browser that finds its services; the poll's id."""
    write_case(folder, CASES[name])
    if CASES[name].election().cosigned_at is not None:
        (folder / "witness-policy.txt").write_text(f"witness w {WITNESS}\ngroup g all w\nquorum g\n")
    poll = parse_canonical((folder / "expected.json").read_bytes())["poll_url"].rpartition("/")[2]
    with record_site(folder / "record", folder / "trust.json") as site:
        own = browser.browser_type.launch(executable_path=find(), args=[*FLAGS, site.flag])
        width, height = SIZES[size]
        page = own.new_page(viewport={"width": width, "height": height}, locale="ru-RU")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{site.client}/#/poll/{poll}/audit")
        yield Booth(page, site.client, size), poll
        own.close()
        assert errors == []


def _open_with(election: Election, entries: list[bytes]) -> Election:
    """The poll while it was open, with the first of its entries."""
    return replace(election, entries=entries, changes={"result": b"", "result_signature": b""})


def test_a_rewritten_log_is_noticed_and_the_evidence_convinces_the_auditor(
    tmp_path: Path, browser: Browser
) -> None:
    honest = CASES["honest"].election()
    two, three = (_open_with(honest, honest.entries[:size]) for size in (2, 3))
    rewritten = replace(honest, entries=[honest.entries[at] for at in (0, 2, 1, 3, 4, 5)])
    shown = ((two, "found"), (three, "found"), (two, "shorter"), (rewritten, "forked"))
    with _page_of("honest", tmp_path, browser, "phone") as (booth, _):
        booth.page.goto(f"{booth.client}/#/receipt")
        booth.see("receipt")
        for election, state in shown:
            write_folder(tmp_path / "record", election.record().files())
            if election is three:
                booth.press(booth.words.find_again)
            else:
                _choose(booth, tmp_path / "receipts" / "0")
            booth.see(state)
            if election is three:
                booth.text("Журнал продолжает то, что это устройство видело раньше")
                booth.text("Журнал заверили независимые свидетели: 1 из 1")
        assert violations_in_every_colour(booth.page) == []
        with booth.page.expect_download() as download:
            booth.page.get_by_role("button", name="Сохранить доказательство").click()
        download.value.save_as(tmp_path / "evidence.json")
    judged = CliRunner().invoke(diff, [str(tmp_path / "evidence.json")])
    assert judged.exit_code == 1, judged.output
    assert "does not begin with the 3 leaves signed before" in judged.output


def _choose(booth: Booth, receipt: Path) -> None:
    """As by hand: the same file may be chosen again."""
    with booth.page.expect_file_chooser() as chooser:
        booth.page.get_by_label("Файл квитанции").click()
    chooser.value.set_files(receipt)


@pytest.mark.parametrize(
    ("name", "size", "verdict"),
    [
        ("answer-changed", "phone", "failed"),
        ("honest-and-sealed", "desktop", "verified"),
    ],
)
def test_the_page_says_what_the_catalogue_says(
    name: str, size: str, verdict: str, tmp_path: Path, browser: Browser
) -> None:
    with _page_of(name, tmp_path, browser, size) as (booth, poll):
        booth.see("audit-ready")
        assert violations_in_every_colour(booth.page) == []
        booth.check_count(verdict)
        witnesses = booth.page.locator("li[data-check=witnesses]").get_attribute("data-status")
        assert witnesses == ("SKIPPED" if CASES[name].election().cosigned_at is None else "PASS")
        assert (booth.page.get_by_text("Что делать").count() == 1) == (verdict == "failed")
        failed = booth.page.locator("li[data-status=FAIL]").evaluate_all(
            "all => all.map(li => li.dataset.check)"
        )
        assert tuple(failed) == CASES[name].failed
        assert violations_in_every_colour(booth.page) == []
        booth.page.get_by_role("button", name="Проверить ещё раз").click()
        booth.see(f"audit-{verdict}")
        # What was seen is remembered, and is held against the log the next time.
        seen = booth.page.locator("li[data-check=consistency]")
        expect(seen).to_have_attribute("data-status", "PASS")
        booth.page.goto(f"{booth.client}/#/poll/{poll}")
        booth.page.locator("main[data-state^=poll]").wait_for()
        booth.page.goto(f"{booth.client}/#/poll/{poll}/audit")
        booth.page.get_by_role("button", name="English").click()
        booth.page.get_by_role("button", name="Start the check").click()
        booth.see(f"audit-{verdict}")
        said = "".join(booth.page.locator("ol.checks").all_inner_texts())
        assert said
        assert not any(letter in said for letter in "абвгдежз")
