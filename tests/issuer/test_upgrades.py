"""An issuer is brought from every earlier schema, with issuances, to the newest, and starts on no other."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from issuer.cli import main
from issuer.issuance import TokenDesk
from issuer.migrations import check_version, upgrade
from issuer.tables import metadata
from shared.db import connect, read, write
from shared.refusals import TokenAlreadyIssued
from tests.databases import database_url, differences
from tests.issuer.office import Office, blinded_message
from tests.upgrades import ANOTHER_RELEASE, claim, fill, newest, next_one

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"])
def test_an_issuer_of_an_earlier_release_keeps_its_issuances(
    office: Office, tmp_path: Path, revision: str
) -> None:
    poll = office.publish()
    message = blinded_message(poll)
    person = office.keys.pseudonym(poll.poll_id, "00000060002")
    issued = office.desk.issue(poll.poll_id, person, message, nonce=bytes(32))
    old = connect(database_url(tmp_path / "old.sqlite"))
    upgrade(old, revision)
    with read(office.engine) as source, write(old) as target:
        fill(target, source, metadata)
    upgrade(old)
    assert differences(old, metadata) == []
    desk = TokenDesk(old, office.keys, office.watch, office.settings.url)
    assert desk.issue(poll.poll_id, person, message, nonce=bytes(32)) == issued
    with pytest.raises(TokenAlreadyIssued):
        desk.issue(poll.poll_id, person, blinded_message(poll), nonce=bytes(32))


@pytest.mark.parametrize(("version", "says"), ANOTHER_RELEASE)
def test_nothing_starts_on_the_tables_of_another_release(office: Office, version: str, says: str) -> None:
    claim(office.engine, version)
    for command in (["serve", "--host", "127.0.0.1", "--port", "1"], ["worker"]):
        result = CliRunner().invoke(main, command, env=office.environment())
        assert (result.exit_code, says in result.output) == (1, True)


def test_init_leaves_the_tables_of_a_newer_release_alone(office: Office) -> None:
    claim(office.engine, "9999")
    result = CliRunner().invoke(main, ["init"], env=office.environment())
    assert (result.exit_code, "a newer one made them" in result.output) == (1, True)


def test_the_tables_of_the_next_release_are_taken_if_they_suit_this_one(office: Office) -> None:
    claim(office.engine, next_one(newest("issuer")))
    check_version(office.engine)
