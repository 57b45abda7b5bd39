"""What is public can be had as plain files, and as one record zip."""

import zipfile
from pathlib import Path

from crypto.checkpoint import parse_checkpoint
from crypto.signed_note import parse_note
from shared.manifest import Poll
from tests.ballot_box.box import Box
from tests.ballot_box.test_cli import run


def exported(folder: Path) -> dict[str, bytes]:
    """Bytes by URL path."""
    return {f"/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_exported_files_are_what_the_box_serves(box: Box, poll: Poll, tmp_path: Path) -> None:
    for _ in range(3):
        box.cast(poll, box.ballot(poll))
    box.close(poll)
    assert run(box, "export", str(tmp_path / "www")).exit_code == 0
    files = exported(tmp_path / "www")
    assert files.pop("/polls/index.json") == box.get("/polls")
    assert {path.rpartition("/")[2] for path in files} >= {"result.json", "checkpoint", "veche-trust.json"}
    assert files == {path: box.get(path) for path in files}


def test_an_export_again_adds_what_is_new_and_keeps_earlier_partial_tiles(
    box: Box, poll: Poll, tmp_path: Path
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


def test_a_record_without_the_issuers_log_is_not_written_half(box: Box, poll: Poll, tmp_path: Path) -> None:
    box.close(poll)
    result = run(box, "record", poll.poll_id.hex(), str(tmp_path / "record.zip"))
    assert result.exit_code == 1
    assert f"{poll.manifest.issuers[0].log_url}/checkpoint" in result.output
    assert not list(tmp_path.glob("record.zip*"))
    assert not zipfile.is_zipfile(tmp_path / "record.zip")
