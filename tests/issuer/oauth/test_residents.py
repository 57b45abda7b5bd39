"""The whole sign-in for every fictional resident gives what the stand says it must."""

import pytest

from issuer.esia_stand.residents import ELIGIBLE, RESIDENTS, Resident, residents_by_id
from issuer.keys import VoterPseudonym
from issuer.oauth.bearer import authorized_pseudonyms
from shared.db import read
from shared.manifest import Poll
from shared.refusals import Refusal
from tests.issuer.oauth.town import Town, WebClient, scope_of
from tests.issuer.office import ISSUER_URL


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """One town for all: sign-ins do not touch each other."""
    return Town(tmp_path_factory.mktemp("town"))


def poll_of(town: Town, name: str) -> Poll:
    return town.barnaul if name == "barnaul" else town.region


@pytest.mark.parametrize("name", ["barnaul", "region"])
@pytest.mark.parametrize("resident", RESIDENTS, ids=lambda resident: str(resident.id))
def test_a_resident_gets_the_expected_outcome(town: Town, resident: Resident, name: str) -> None:
    poll = poll_of(town, name)
    client = WebClient(town, [poll])
    answer = client.sign_in(resident.id)
    assert (answer["iss"], answer["state"]) == (ISSUER_URL, client.state)
    # A second token is refused where tokens are given; nobody here has one yet.
    expected = resident.expected[name].replace("token-already-issued", ELIGIBLE)
    if expected == ELIGIBLE:
        assert answer["scope"] == scope_of(poll)
        assert client.exchange(answer["code"]).status_code == 200
    else:
        assert (answer["error"], answer["error_description"]) == ("access_denied", expected)
        assert "code" not in answer


def pseudonym_of(town: Town, token: str) -> VoterPseudonym:
    with read(town.office.engine) as conn:
        (holder,) = authorized_pseudonyms(conn, [(token, town.barnaul.poll_id)], town.watch())
    assert not isinstance(holder, Refusal)
    return holder


def test_two_accounts_of_one_person_have_one_pseudonym(town: Town) -> None:
    def pseudonym(person: str) -> bytes:
        token = WebClient(town, [town.barnaul]).access_token(person)
        return pseudonym_of(town, token)

    assert pseudonym("double-first") == pseudonym("double-second") != pseudonym("barnaul-1")


def test_the_pseudonym_is_that_of_the_snils(town: Town) -> None:
    token = WebClient(town, [town.barnaul]).access_token("odd-snils")
    digits = "".join(filter(str.isdigit, residents_by_id()["odd-snils"].snils))
    assert pseudonym_of(town, token) == town.office.keys.pseudonym(town.barnaul.poll_id, digits)
