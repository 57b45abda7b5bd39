"""`veche-trustee open` over HTTP: it verifies, asks for shares, and publishes the key or does nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.trustee.shares import split
from shared.sealing import Opening
from shared.statements import Statement
from tests.auditor.site import Site, running_site
from tests.programs.trustee import open_poll
from tests.samples import sealed
from tests.simulator import seed

KEY = seed("sealing")
SHARES = split(KEY, 2, 3)
UNOPENED = {"result": b"", "result_signature": b"", "opening": b""}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path / "site", **sealed(KEY)) as running:
        running.election.changes = dict(UNOPENED)
        yield running


@pytest.fixture
def closed(site: Site) -> Site:
    site.election.close()
    site.show(site.election)
    return site


def _open(site: Site, *shares: str) -> subprocess.CompletedProcess[str]:
    trust = site.folder.parent / "trust.json"
    assert site.election.trust is not None
    trust.write_bytes(site.election.trust.to_bytes())
    return open_poll(site.poll_url, trust, *shares)


def _published(site: Site) -> bytes | None:
    path = site.folder / site.poll_url.split("/", 3)[3] / "opening.json"
    return path.read_bytes() if path.exists() else None


@pytest.mark.parametrize("pair", [(0, 1), (2, 0), (1, 2)])
def test_any_two_of_three_open_a_closed_poll(closed: Site, pair: tuple[int, int]) -> None:
    done = _open(closed, *(SHARES[number] for number in pair))
    assert done.returncode == 0, done.stderr
    assert _published(closed) == Opening(closed.election.poll.poll_id, KEY).encoded


@pytest.mark.attack("A21")
def test_one_cannot(closed: Site) -> None:
    done = _open(closed, SHARES[0], SHARES[0])
    assert (done.returncode, _published(closed)) == (1, None)
    assert "given already" in done.stderr
    assert "1 more shares are due" in done.stderr


def test_shares_of_another_poll_do_not_open(closed: Site) -> None:
    done = _open(closed, *split(seed("stranger"), 2, 3)[:2])
    assert (done.returncode, _published(closed)) == (1, None)
    assert "key of another poll" in done.stderr


def test_a_mistyped_share_is_asked_for_again_and_never_shown(closed: Site) -> None:
    wrong = SHARES[0].replace(" ", " ячмень ", 1)
    done = _open(closed, wrong, SHARES[0], SHARES[1])
    assert done.returncode == 0, done.stderr
    assert not any(word in done.stdout for word in SHARES[0].split()[6:9])


@pytest.mark.attack("A21")
@pytest.mark.parametrize("year", ["2025", "2099"])
def test_nothing_is_asked_before_the_closing_record_is_there(tmp_path: Path, year: str) -> None:
    """Neither while people vote, nor when the box is late with it."""
    times = {"closes_at": f"{year}-11-30T13:00:00Z", "include_by": f"{year}-12-01T13:00:00Z"}
    with running_site(tmp_path / "site", **sealed(KEY), **times) as site:
        site.election.changes = dict(UNOPENED)
        site.show(site.election)
        done = _open(site, *SHARES[:2])
        assert (done.returncode, _published(site)) == (1, None)
    assert "check 9 (closing)" in done.stderr
    assert "share 1" not in done.stderr


@pytest.mark.attack("A21")
def test_nothing_is_asked_when_the_log_does_not_verify(closed: Site) -> None:
    closed.election.entries[2] = closed.election.entries[1]
    closed.show(closed.election)
    done = _open(closed, *SHARES[:2])
    assert (done.returncode, _published(closed)) == (1, None)
    assert "check 13 (unique) fails" in done.stderr


def test_a_cancelled_poll_is_not_opened(site: Site) -> None:
    site.election.close()
    reason = {"ru": "Отменено.", "en": "Annulled."}
    statement = Statement("cancellation", site.election.poll.poll_id, reason)
    site.election.entries[-1] = statement.signed(site.election.issuer_seed, 0).leaf
    site.show(site.election)
    done = _open(site, *SHARES[:2])
    assert (done.returncode, _published(site)) == (1, None)
    assert "cancelled" in done.stderr


def test_an_open_poll_is_left_as_it_is(closed: Site) -> None:
    closed.election.changes = {}
    closed.show(closed.election)
    done = _open(closed)
    assert (done.returncode, done.stdout) == (0, "the poll is open already\n")


def test_a_poll_that_is_not_sealed_is_refused(tmp_path: Path) -> None:
    with running_site(tmp_path / "site") as site:
        site.election.close()
        site.show(site.election)
        done = _open(site, *SHARES[:2])
    assert done.returncode == 1
    assert "not sealed" in done.stderr
