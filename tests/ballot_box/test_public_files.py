"""What is public can be had as plain files, and as one record zip."""

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from auditor.commands.verify import verify
from crypto.checkpoint import parse_checkpoint
from crypto.signed_note import parse_note
from shared.closing import issuance_closing
from shared.db import sweep
from shared.manifest import Poll
from shared.record import record_path
from tests.ballot_box.box import BOX_URL, Box
from tests.ballot_box.test_cli import run
from tests.ballot_box.test_releases import RELEASE, send
from tests.simulator import log_record, seed


class Issuer:
    """The log of the poll's issuer, which answers in this process until it falls silent."""

    def __init__(self, poll: Poll) -> None:
        self.url = poll.manifest.issuers[0].log_url
        self.leaves = [issuance_closing(poll.poll_id, 0)]
        self.silent = False
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while it is asked."""

    def asked(self, *, seconds: float) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.handle), timeout=seconds)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.meanwhile()
        files = dict(log_record(self.url, self.leaves, seed("issuer log")).files())
        data = None if self.silent else files.get(str(request.url))
        return httpx.Response(404) if data is None else httpx.Response(200, content=data)


@pytest.fixture
def issuer(poll: Poll, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    issuer = Issuer(poll)
    for module in ("export", "record"):
        monkeypatch.setattr(f"ballot_box.{module}.http_client", issuer.asked)
    return issuer


def exported(folder: Path, url: str = BOX_URL) -> dict[str, bytes]:
    """Bytes by URL path of what stands below one host."""
    host = folder / record_path(url)
    return {f"/{path.relative_to(host)}": path.read_bytes() for path in host.rglob("*") if path.is_file()}


def test_the_exported_files_are_what_the_box_serves(
    box: Box, poll: Poll, issuer: Issuer, tmp_path: Path
) -> None:
    for _ in range(3):
        box.cast(poll, box.ballot(poll))
    assert send(box, RELEASE).status_code == 201
    box.close(poll)
    assert run(box, "export", str(tmp_path / "www")).exit_code == 0
    files = exported(tmp_path / "www")
    assert files.pop("/polls/index.json") == box.get("/polls")
    names = {path.rpartition("/")[2] for path in files}
    assert names >= {"result.json", "checkpoint", "veche-trust.json", "client-releases.json", "release.json"}
    assert files == {path: box.get(path) for path in files}
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "www").rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_an_exported_folder_is_audited_like_the_services(
    box: Box, poll: Poll, issuer: Issuer, tmp_path: Path
) -> None:
    box.close(poll)
    assert run(box, "export", str(tmp_path / "www")).exit_code == 0
    (tmp_path / "trust.json").write_bytes(box.trust.to_bytes())
    result = CliRunner().invoke(verify, [str(tmp_path / "www"), "--trust", str(tmp_path / "trust.json")])
    assert "FAIL" not in result.output
    assert "16 PASS" in result.output


def test_an_issuer_that_is_silent_holds_up_nothing_of_the_box(
    box: Box, poll: Poll, issuer: Issuer, tmp_path: Path
) -> None:
    issuer.silent = True
    result = run(box, "export", str(tmp_path))
    assert result.exit_code == 1
    assert f"{issuer.url}/checkpoint answers 404" in result.output
    assert f"/polls/{poll.poll_id.hex()}/manifest.json" in exported(tmp_path)


def test_an_export_again_adds_what_is_new_and_keeps_earlier_partial_tiles(
    box: Box, poll: Poll, issuer: Issuer, tmp_path: Path
) -> None:
    folder = tmp_path / "www"
    assert run(box, "export", str(folder)).exit_code == 0
    before = exported(folder)
    assert run(box, "export", str(folder)).output == "0 files written\n"
    box.cast(poll, box.ballot(poll))
    box.close(poll)
    assert run(box, "export", str(folder)).exit_code == 0
    after = exported(folder)
    log = f"/log/{poll.manifest.ballot_box.log_url.rpartition('/')[2]}"
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {f"{log}/checkpoint", "/log/catalogue/checkpoint"}
    assert {f"{log}/tile/0/000.p/1", f"{log}/tile/0/000.p/3"} <= set(after)
    size = parse_checkpoint(parse_note(after[f"{log}/checkpoint"]).text).size
    assert f"{log}/tile/entries/000.p/{size}" in after


def test_a_record_of_a_poll_that_is_open_or_unknown_is_not_written(
    box: Box, poll: Poll, tmp_path: Path
) -> None:
    for poll_id, reason in ((poll.poll_id.hex(), "no result yet"), ("00" * 32, "no poll"), ("x", "no poll")):
        result = run(box, "record", poll_id, str(tmp_path / "record.zip"))
        assert result.exit_code == 1
        assert reason in result.output
    assert not list(tmp_path.glob("record.zip*"))


def test_while_issuers_are_asked_for_their_logs_the_database_is_held_by_nobody(
    box: Box, poll: Poll, issuer: Issuer, tmp_path: Path
) -> None:
    box.close(poll)
    with box.engine.connect() as pooled:
        sqlite = pooled.dialect.name == "sqlite"
        pooled.exec_driver_sql("PRAGMA busy_timeout=10" if sqlite else "SET lock_timeout = 10")
        pooled.commit()
    issuer.meanwhile = partial(sweep, box.engine)
    target = tmp_path / "record.zip"
    for command in (("record", poll.poll_id.hex(), str(target)), ("export", str(tmp_path / "www"))):
        result = run(box, *command)
        assert result.exit_code == 0, result.exception
    assert zipfile.is_zipfile(target)


def test_a_record_without_the_issuers_log_is_not_written_half(box: Box, poll: Poll, tmp_path: Path) -> None:
    box.close(poll)
    result = run(box, "record", poll.poll_id.hex(), str(tmp_path / "record.zip"))
    assert result.exit_code == 1
    assert f"{poll.manifest.issuers[0].log_url}/checkpoint" in result.output
    assert not list(tmp_path.glob("record.zip*"))
    assert not zipfile.is_zipfile(tmp_path / "record.zip")
