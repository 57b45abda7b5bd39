"""Files that are there whole, or as they were."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.durable import create_durably, remove_durably, write_durably


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"two"):
        write_durably(path, content)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["file"]


@pytest.mark.faults
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_the_old_content_stands_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")

    def fail(*_: object) -> None:
        raise OSError("broken disk")

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(OSError, match="broken disk"):
            write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_file_is_created_once_and_all_who_try_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: create_durably(path, bytes([n]) * 32), range(32)))
    assert set(got) == {path.read_bytes()}
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["file"]


def test_removing_what_is_not_there_is_no_failure(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", b"content")
    for _ in range(2):
        remove_durably(tmp_path / "file")
        assert names(tmp_path) == []
