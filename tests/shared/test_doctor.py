"""What both services have examined alike: TLS, clocks, trust roots, disks, certificates."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared import doctor
from shared.clock import system_clock
from shared.db import connect
from shared.doctor import Unsound
from tests.peer import certificate, peer


def test_a_certificate_that_is_trusted_and_lasts_is_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, key = certificate(tmp_path, lives=timedelta(days=90))
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    with peer(tls=(made, key)) as server:
        doctor.encrypted(server.url, system_clock)


@pytest.mark.parametrize(
    ("days", "trusted", "complaint"),
    [(90, False, "self-signed"), (3, True, "ends in 2 days"), (-1, True, "expired")],
)
def test_a_certificate_that_browsers_refuse_or_soon_will_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, *, trusted: bool, complaint: str
) -> None:
    made, key = certificate(tmp_path, lives=timedelta(days=days))
    monkeypatch.setenv("SSL_CERT_FILE", str(made) if trusted else str(tmp_path / "none"))
    with peer(tls=(made, key)) as server, pytest.raises(Unsound, match=complaint):
        doctor.encrypted(server.url, system_clock)


def test_a_public_address_without_tls_is_named() -> None:
    with pytest.raises(Unsound, match="not https"):
        doctor.encrypted("http://vote.example", system_clock)


def test_a_clock_that_is_off_is_named_with_the_difference() -> None:
    with peer() as server, httpx.Client() as http:
        doctor.punctual(server.url, http, system_clock)
        server.ahead = timedelta(minutes=3)
        with pytest.raises(Unsound, match=r"differ by 1[78]\d s"):
            doctor.punctual(server.url, http, system_clock)


def test_a_database_in_memory_is_named(tmp_path: Path) -> None:
    memory = Path("/dev/shm")  # noqa: S108 - a file system in memory is what this is about
    if not memory.is_dir():
        pytest.skip("this system has no /dev/shm")
    doctor.durable(connect(f"sqlite:///{tmp_path / 'on-disk.sqlite'}"))
    file = memory / f"veche-{tmp_path.name}.sqlite"
    try:
        with pytest.raises(Unsound, match="lies in memory"):
            doctor.durable(connect(f"sqlite:///{file}"))
    finally:
        for path in memory.glob(f"{file.name}*"):
            path.unlink()


def test_a_certificate_for_esia_that_ended_is_named(tmp_path: Path) -> None:
    made, _ = certificate(tmp_path, lives=timedelta(days=90))
    doctor.valid(made.read_bytes(), "the certificate", system_clock)
    with pytest.raises(Unsound, match="the certificate holds from"):
        doctor.valid(made.read_bytes(), "the certificate", lambda: datetime(2040, 1, 1, tzinfo=UTC))


def test_a_check_that_breaks_down_is_a_complaint_and_no_traceback() -> None:
    def broken() -> None:
        raise ValueError("with a secret in it")

    ((name, complaint),) = doctor.examine([("something", broken)])
    assert name == "something"
    assert complaint is not None
    assert "ValueError" in complaint
    assert "secret" not in complaint


def test_a_file_that_the_service_cannot_read_is_named() -> None:
    def closed() -> None:
        raise PermissionError(13, "Permission denied", "/var/lib/service/box.sqlite")

    ((_, complaint),) = doctor.examine([("something", closed)])
    assert complaint == "/var/lib/service/box.sqlite is closed to the user of the service. Look at its owner."


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root cannot give a file away")
def test_a_file_of_another_user_than_its_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    restored = tmp_path / "log.key"
    restored.touch(0o600)
    doctor.private(tmp_path)
    os.chown(restored, 65534, -1)
    with pytest.raises(Unsound, match=r"log\.key belongs to nobody\. chown -R"):
        doctor.private(tmp_path)
