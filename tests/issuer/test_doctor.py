"""`veche-issuer doctor` on a sound installation, and on each planted misconfiguration."""

import base64
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner

from issuer.admin import acts
from issuer.admin.tables import admin_act
from issuer.app import create_app
from issuer.cli import main
from issuer.custody import Custody
from issuer.doctor import Installation, checks
from issuer.esia.client import EsiaClient
from issuer.esia_stand.keys import write_gost_pair
from issuer.keys import KeyStore
from issuer.services import EXTENSION
from shared.clock import system_clock
from shared.db import write
from shared.doctor import examine
from shared.encoding import b64u, format_time
from shared.trust import PATH
from tests.databases import drop_guards
from tests.issuer.office import Office, sample_draft
from tests.peer import Peer, peer
from tests.upgrades import claim


@dataclass
class Clinic:
    """A sound installation whose ballot box and ESIA are peers on loopback."""

    office: Office
    box: Peer
    esia: Peer

    def installation(self, **changes: object) -> Installation:
        office = self.office
        settings = office.settings.model_copy(update=changes)
        return Installation(
            settings, office.engine, office.keys, office.trust, system_clock, httpx.Client(trust_env=False)
        )

    def complaints(self, installation: Installation | None = None) -> dict[str, str]:
        made = installation or self.installation()
        self.box.bodies[PATH] = self.box.bodies.get(PATH) or made.trust.to_bytes()
        with made.http:
            return {name: found for name, found in examine(checks(made)) if found is not None}


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    (tmp_path / "copy").mkdir()
    with ExitStack() as stack:
        box, esia = stack.enter_context(peer()), stack.enter_context(peer())
        office = Office(
            tmp_path, changes={"box": box.url, "esia_url": esia.url, "key_backup": tmp_path / "copy"}
        )
        office.prepare_sign_in()
        office.watch.now = system_clock()
        office.publish(sample_draft(**times()))
        office.worker.step()
        yield Clinic(office, box, esia)


def times() -> dict[str, str]:
    now = system_clock()
    names = {"issuance_opens_at": -1, "opens_at": -1, "closes_at": 1}
    return {name: format_time(now + timedelta(hours=hours)) for name, hours in names.items()}


def test_a_certificate_for_esia_counts_the_same_in_pem(office: Office) -> None:
    def asked() -> str:
        esia: EsiaClient = create_app(office.settings, office.watch).extensions[EXTENSION].esia
        address = urlsplit(esia.authorization_url(UUID(int=0), "v" * 43))
        return dict(parse_qsl(address.query))["client_certificate_hash"]

    office.prepare_sign_in()
    file, before = office.settings.esia_certificate, asked()
    body = base64.encodebytes(file.read_bytes()).decode()
    file.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    assert asked() == before


def test_nothing_is_wrong_with_a_sound_installation(clinic: Clinic) -> None:
    assert clinic.complaints() == {}


def read_by_others(clinic: Clinic) -> None:
    next((clinic.office.settings.state / "polls").rglob("*.key")).chmod(0o644)


def old_tables(clinic: Clinic) -> None:
    claim(clinic.office.engine, "0001")


def pseudonym_key_lost(clinic: Clinic) -> None:
    next((clinic.office.settings.state / "polls").rglob("pseudonym.key")).unlink()


def token_key_lost(clinic: Clinic) -> None:
    next((clinic.office.settings.state / "polls").rglob("token.der")).unlink()


def another_esia_key(clinic: Clinic) -> None:
    settings = clinic.office.settings
    write_gost_pair(settings.esia_key, settings.esia_certificate.with_name("other.der"), "Другой")


def empty_register(clinic: Clinic) -> None:
    clinic.office.settings.residency.write_bytes(b"")


def old_register(clinic: Clinic) -> None:
    import sqlite3

    with sqlite3.connect(clinic.office.settings.residency) as table:
        table.execute("UPDATE meta SET date = '2020-01-01'")


def esia_clock_off(clinic: Clinic) -> None:
    clinic.esia.ahead = timedelta(minutes=-2)


def other_trust_root(clinic: Clinic) -> None:
    clinic.box.bodies[PATH] = b"{}"


def copy_away(clinic: Clinic) -> None:
    clinic.office.settings.key_backup.rename(clinic.office.folder / "unmounted")  # type: ignore[union-attr]


def key_not_copied(clinic: Clinic) -> None:
    """As where the medium is read-only for the worker, whose attempts are in its log alone."""
    state, copy = clinic.office.settings.state, clinic.office.folder / "copy"
    (key,) = copy.rglob("pseudonym.key")
    key.unlink()
    os.utime(state / key.relative_to(copy), times=(0, 0))


def copy_damaged(clinic: Clinic) -> None:
    state, copy = clinic.office.settings.state, clinic.office.folder / "copy"
    (key,) = copy.rglob("pseudonym.key")
    key.write_bytes(key.read_bytes()[::-1])
    os.utime(state / key.relative_to(copy), times=(0, 0))


def verified_without_marks(clinic: Clinic) -> None:
    clinic.office.publish(sample_draft(residency="verified", **times()))


def act_erased(clinic: Clinic) -> None:
    now = system_clock()
    with write(clinic.office.engine) as conn:
        for act in ("operator-granted", "application-made", "application-refused"):
            acts.record(conn, act, "1", now, by=None)
        drop_guards(conn)
        conn.execute(admin_act.delete().where(admin_act.c.number == 2))


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (read_by_others, "state folder"),
        (old_tables, "tables"),
        (pseudonym_key_lost, "keys of running polls"),
        (token_key_lost, "keys of running polls"),
        (another_esia_key, "ESIA key and certificate"),
        (empty_register, "residency table"),
        (old_register, "residency table"),
        (esia_clock_off, "clock and ESIA"),
        (other_trust_root, "trust root of the ballot box"),
        (copy_away, "copy of the keys"),
        (key_not_copied, "copy of the keys"),
        (copy_damaged, "copy of the keys"),
        (verified_without_marks, "verified addresses"),
        (act_erased, "log of acts"),
    ],
)
def test_each_planted_fault_is_named_and_no_other(
    clinic: Clinic, plant: Callable[[Clinic], None], check: str
) -> None:
    plant(clinic)
    assert list(clinic.complaints()) == [check]


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        ({"url": "http://vote.example"}, ["own entry in the trust root", "public address"]),
        ({"key_backup": None}, ["copy of the keys"]),
        ({"client": "http://127.0.0.9:1"}, ["own entry in the trust root"]),
        ({"esia_url": "http://127.0.0.1:9"}, ["clock and ESIA"]),
    ],
)
def test_each_wrong_setting_is_named(clinic: Clinic, change: dict[str, object], checks: list[str]) -> None:
    assert list(clinic.complaints(clinic.installation(**change))) == checks


def test_another_key_encryption_key_is_named(clinic: Clinic) -> None:
    other = Custody.parse(b64u(secrets.token_bytes(32)))
    wrong = replace(clinic.installation(), keys=KeyStore(clinic.office.settings.state, other))
    assert "keys can be unwrapped" in clinic.complaints(wrong)


def test_a_key_encryption_key_beside_the_keys_is_named(clinic: Clinic) -> None:
    settings = clinic.office.settings
    assert settings.kek_file is not None
    beside = settings.state / "kek"
    os.link(settings.kek_file, beside)
    assert list(clinic.complaints(clinic.installation(kek_file=beside))) == [
        "keys apart from what unwraps them"
    ]


def test_the_command_prints_what_to_mend_and_ends_with_one(clinic: Clinic) -> None:
    environment = clinic.office.environment() | {"VECHE_ISSUER_BOX": "http://127.0.0.1:9"}
    result = CliRunner().invoke(main, ["doctor"], env=environment)
    assert result.exit_code == 1
    assert "http://127.0.0.1:9/.well-known/veche-trust.json does not answer" in result.output
    assert "ok    keys can be unwrapped" in result.output
