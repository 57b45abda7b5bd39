"""Token keys that never leave a hardware security module: SoftHSM 2 through PKCS #11."""

import secrets
from datetime import timedelta
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from crypto.blind_rsa import client as blind
from crypto.keys import TokenPublicKey, load_token_key
from issuer.custody import custody_of
from issuer.hsm import Hsm, HsmUnavailable, is_reference
from issuer.issuance import TokenDesk
from issuer.keys import KeyStore, VoterPseudonym
from shared.encoding import from_b64u
from shared.manifest import Poll
from shared.refusals import TokenAlreadyIssued, Unavailable
from shared.token import token_message
from tests.issuer.office import Office, sample_draft
from tests.programs import softhsm

PERSON = VoterPseudonym(b"\x05" * 32)


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A token for this whole process, for SoftHSM reads its configuration once."""
    if softhsm.find() is None:
        pytest.skip(softhsm.ADVICE)
    return softhsm.make_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def changes(module: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("SOFTHSM2_CONF", module["SOFTHSM2_CONF"])
    prefix = "VECHE_ISSUER_"
    return {
        name.removeprefix(prefix).lower(): value for name, value in module.items() if name.startswith(prefix)
    }


@pytest.fixture
def office(tmp_path: Path, changes: dict[str, str]) -> Office:
    return Office(tmp_path, changes=dict(changes))


def request(poll: Poll, key: TokenPublicKey) -> tuple[bytes, blind.Blinded]:
    prepared = blind.prepare(token_message(poll.poll_id, b"\x04" + secrets.token_bytes(64)))
    return prepared, blind.blind(key, prepared)


def objects(office: Office) -> list[pkcs11.Object]:
    return list(office.keys.hsm.login.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_a_token_signed_in_the_module_verifies_like_any_other(office: Office, bits: int) -> None:
    poll = office.publish(sample_draft(token_bits=bits, title={"ru": f"{bits}"}))
    key = load_token_key(from_b64u(poll.manifest.issuers[0].token_key))
    assert key.n.bit_length() == bits
    prepared, blinded = request(poll, key)
    issued = office.desk.issue(poll.poll_id, PERSON, blinded.message, nonce=bytes(32))
    blind.finalize(key, prepared, issued.blind_signature, blinded.inverse)
    assert office.desk.issue(poll.poll_id, PERSON, blinded.message, nonce=bytes(32)) == issued


def test_what_the_issuer_keeps_is_a_reference_and_the_module_does_not_give_the_key(office: Office) -> None:
    poll = office.publish(sample_draft(title={"ru": "Ключ"}))
    secret = office.keys.token_key(poll.poll_id)
    assert is_reference(secret)
    (found,) = (key for key in objects(office) if key[Attribute.ID].hex() in secret.decode().replace("%", ""))
    assert not found[Attribute.EXTRACTABLE]
    with pytest.raises(pkcs11.AttributeSensitive):
        found[Attribute.PRIVATE_EXPONENT]


def test_making_again_finds_the_same_key_in_the_module(office: Office) -> None:
    first = office.keys.make(b"\x21" * 32, 2048)
    before = len(objects(office))
    (office.folder / "state" / "drafts" / ("21" * 32) / "token.der").unlink()
    assert office.keys.make(b"\x21" * 32, 2048).token_key == first.token_key
    assert len(objects(office)) == before


def test_the_key_in_the_module_is_destroyed_when_the_poll_closes(office: Office) -> None:
    before = len(objects(office))
    poll = office.publish(sample_draft(title={"ru": "Конец"}))
    assert len(objects(office)) == before + 1
    office.watch.now = poll.manifest.closes_at + timedelta(seconds=1)
    office.worker.step()
    assert len(objects(office)) == before
    assert not office.keys.has_token_key(poll.poll_id)


def test_the_key_of_a_draft_that_was_given_up_is_destroyed_in_the_module_too(office: Office) -> None:
    before = len(objects(office))
    office.keys.make(b"\x22" * 32, 2048)
    office.keys.destroy_draft(b"\x22" * 32)
    office.keys.destroy_draft(b"\x22" * 32)
    assert len(objects(office)) == before


def test_a_module_that_keeps_a_key_is_told_of_and_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kept:
        def destroy(self) -> None:
            raise pkcs11.exceptions.FunctionFailed

    office.keys.make(b"\x23" * 32, 2048)
    before = len(objects(office))
    with monkeypatch.context() as patched:
        patched.setattr(Hsm, "_found", lambda *_: Kept())
        with pytest.raises(HsmUnavailable, match="keeps the key"):
            office.keys.destroy_draft(b"\x23" * 32)
    office.keys.destroy_draft(b"\x23" * 32)
    assert len(objects(office)) == before - 1


def test_without_the_module_nothing_is_issued_and_nothing_is_lost(office: Office) -> None:
    poll = office.publish(sample_draft(title={"ru": "Без модуля"}))
    key = load_token_key(from_b64u(poll.manifest.issuers[0].token_key))
    prepared, blinded = request(poll, key)
    bare = KeyStore(office.settings.state, custody_of(office.settings))
    unplugged = TokenDesk(office.engine, bare, office.watch, office.settings.url)
    with pytest.raises(Unavailable):
        unplugged.issue(poll.poll_id, PERSON, blinded.message, nonce=bytes(32))
    issued = office.new_desk().issue(poll.poll_id, PERSON, blinded.message, nonce=bytes(32))
    blind.finalize(key, prepared, issued.blind_signature, blinded.inverse)
    with pytest.raises(TokenAlreadyIssued):
        office.desk.issue(poll.poll_id, PERSON, bytes(256), nonce=bytes(32))


@pytest.mark.parametrize("change", [{"hsm_token": "another"}, {"hsm_module": "/nowhere/lib.so"}])
def test_a_module_that_is_not_there_is_named_and_no_secret_is_told(
    office: Office, change: dict[str, str]
) -> None:
    with pytest.raises(HsmUnavailable, match=change.get("hsm_token", "veche")) as caught:
        Hsm.open(office.settings.model_copy(update=change))
    assert softhsm.PIN not in str(caught.value)
