"""Keys at rest: unreadable without the key-encryption key, each in its place alone, re-wrapped, rotated."""

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from crypto import ed25519
from issuer.custody import Custody, KekInvalid, SecretUnreadable, custody_of, kid_of, make_kek
from issuer.issuance import TokenDesk
from issuer.key_backup import mirror
from issuer.keys import KeysMissing, KeyStore, VoterPseudonym, open_keys
from issuer.rewrapping import rewrap
from issuer.rotation import StillNeeded, destroy_statement_key, rotate
from issuer.settings import Settings
from shared.durable import write_durably
from shared.encoding import b64u, from_b64u
from shared.issuance_promise import issuance_leaf, verify_promise
from shared.manifest import Poll
from shared.refusals import PollClosed
from shared.trust import TrustedIssuer
from tests.issuer.office import Office, blinded_message, sample_draft

OLD, NEW = (Custody.parse(b64u(os.urandom(32))) for _ in range(2))
BOTH = Custody(NEW.keks + OLD.keks)
NAME = "polls/00/token.der"
PERSON = VoterPseudonym(b"\x01" * 32)


def test_a_secret_comes_back_under_its_name() -> None:
    wrapped = OLD.wrap(NAME, b"secret")
    assert b"secret" not in wrapped
    assert OLD.unwrap(NAME, wrapped) == b"secret"
    assert kid_of(wrapped) == OLD.kid


def test_a_secret_under_another_name_is_refused() -> None:
    with pytest.raises(SecretUnreadable, match="of another place"):
        OLD.unwrap("polls/01/token.der", OLD.wrap(NAME, b"secret"))


@pytest.mark.attack("A43")
def test_a_secret_under_another_key_is_refused_and_the_key_is_named() -> None:
    with pytest.raises(SecretUnreadable, match=OLD.kid):
        NEW.unwrap(NAME, OLD.wrap(NAME, b"secret"))


def test_one_flipped_bit_is_noticed() -> None:
    head, _, tail = OLD.wrap(NAME, b"secret").rpartition(b".")
    changed = head + b"." + (b"B" if tail[:1] == b"A" else b"A") + tail[1:]
    with pytest.raises(SecretUnreadable, match="damaged"):
        OLD.unwrap(NAME, changed)


@pytest.mark.parametrize("text", ["", "short", b64u(bytes(31)), "ключ", b64u(bytes(32)) + "="])
def test_what_is_no_key_encryption_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(KekInvalid) as refused:
        Custody.parse(text)
    assert not text or text not in str(refused.value)


def test_a_key_encryption_key_beside_what_it_protects_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path)
    inside = office.settings.model_copy(update={"kek_file": office.settings.state / "kek"})
    with pytest.raises(KekInvalid, match="in the state directory"):
        make_kek(inside)


def test_without_its_file_the_command_that_makes_it_is_named(office: Office) -> None:
    assert office.settings.kek_file is not None
    office.settings.kek_file.unlink()
    with pytest.raises(KekInvalid, match="init --make-kek"):
        custody_of(office.settings)


def test_the_key_may_come_from_the_environment_instead(office: Office) -> None:
    public = office.keys.statement_key()
    assert office.settings.kek_file is not None
    members = office.members() | {"kek": office.settings.kek_file.read_text(), "kek_file": None}
    settings = Settings.model_validate(members)
    assert open_keys(settings).statement_key() == public
    assert str(members["kek"]).strip() not in repr(settings)
    with pytest.raises(KekInvalid, match="in the environment"):
        make_kek(settings)
    with pytest.raises(KekInvalid, match="not both"):
        custody_of(settings.model_copy(update={"kek_file": office.settings.kek_file}))


def test_all_secrets_are_unreadable_under_another_key(office: Office) -> None:
    poll = office.publish()
    stranger = KeyStore(office.settings.state, NEW)
    for read in (stranger.statement_seed, partial(stranger.token_key, poll.poll_id)):
        with pytest.raises(SecretUnreadable):
            read()
    with pytest.raises(SecretUnreadable):
        stranger.pseudonym(poll.poll_id, "00000060002")


def test_keys_of_one_poll_do_not_serve_another(office: Office) -> None:
    first, second = office.publish(), office.publish(sample_draft(contact="Другая"))
    polls = office.settings.state / "polls"
    (polls / first.poll_id.hex()).rename(polls / "aside")
    (polls / second.poll_id.hex()).rename(polls / first.poll_id.hex())
    with pytest.raises(SecretUnreadable, match="of another place"):
        office.keys.pseudonym(first.poll_id, "00000060002")


@pytest.mark.faults
def test_rewrapping_may_be_broken_off_and_repeated(office: Office) -> None:
    poll = office.publish()
    before = office.keys.pseudonym(poll.poll_id, "00000060002")
    widened = KeyStore(office.settings.state, Custody(NEW.keks + office.keys.custody.keks))
    next(rewrap(widened))
    assert widened.pseudonym(poll.poll_id, "00000060002") == before
    rest = list(rewrap(widened))
    assert 1 + len(rest) == len(widened.names())
    assert list(rewrap(widened)) == []
    assert KeyStore(office.settings.state, NEW).pseudonym(poll.poll_id, "00000060002") == before


def test_plain_keys_of_an_earlier_version_are_refused_and_then_wrapped(office: Office) -> None:
    poll, keys, state = office.publish(), office.keys, office.settings.state
    seed, public, token_key = keys.statement_seed(), keys.statement_key(), keys.token_key(poll.poll_id)
    for name in keys.names():
        (state / name).write_bytes(keys.custody.unwrap(name, (state / name).read_bytes()))
    (state / "statement" / f"{public.hex()}.key").rename(state / "statement.key")
    (state / "statement.current").unlink()
    with pytest.raises(SecretUnreadable, match="keys rewrap"):
        keys.create()
    with pytest.raises(SecretUnreadable, match="keys rewrap"):
        keys.token_key(poll.poll_id)
    assert "statement.key" in list(rewrap(keys))
    assert (keys.statement_seed(), keys.token_key(poll.poll_id)) == (seed, token_key)
    assert not (state / "statement.key").exists()


def rotated(office: Office) -> bytes:
    """Rotate the statement key the whole way; its public key."""
    trust = office.trust
    public, used = rotate(office.keys, trust, office.settings.url)
    assert not used
    entry = TrustedIssuer(name="Регистратор", statement_key=b64u(public), url=office.settings.url)
    both = trust.model_copy(update={"issuers": (*trust.issuers, entry)})
    assert rotate(office.keys, both, office.settings.url) == (public, True)
    return public


def test_a_statement_key_waits_for_the_trust_root(office: Office) -> None:
    before = office.keys.statement_key()
    first = rotate(office.keys, office.trust, office.settings.url)
    assert rotate(office.keys, office.trust, office.settings.url) == first
    assert office.keys.statement_key() == before


def test_after_a_rotation_a_poll_keeps_the_key_that_its_manifest_names(office: Office) -> None:
    poll, old = office.publish(), office.keys.statement_key()
    new = rotated(office)
    message = blinded_message(poll)
    issued = office.new_desk().issue(poll.poll_id, PERSON, message, nonce=bytes(32))
    leaf = issuance_leaf(poll.poll_id, PERSON, issued.nonce, message)
    verify_promise(old, poll.poll_id, leaf, issued.promise)
    assert office.publish() == poll
    office.box.issuer_key = new
    later = office.publish(sample_draft(contact="Другая"))
    assert (
        from_b64u(later.manifest.issuers[0].statement_key)
        == new
        == ed25519.public_key(office.keys.statement_seed())
    )


def test_a_statement_key_is_destroyed_when_no_poll_needs_it(office: Office) -> None:
    poll, old, new = office.publish(), office.keys.statement_key(), rotated(office)
    url = office.settings.url
    with pytest.raises(StillNeeded, match="signs new polls"):
        destroy_statement_key(office.keys, new, [], url)
    with pytest.raises(StillNeeded, match="is not archived"):
        destroy_statement_key(office.keys, old, [poll], url)
    destroy_statement_key(office.keys, old, [], url)
    assert office.keys.statement_keys() == (new,)


def test_a_token_key_destroyed_early_gives_no_more_tokens_in_any_process(office: Office) -> None:
    poll, desk = office.publish(), office.new_desk()
    first = blinded_message(poll)
    issued = desk.issue(poll.poll_id, PERSON, first, nonce=bytes(32))
    office.keys.destroy_token_key(poll.poll_id)
    refuse_new(desk, poll)
    assert desk.issue(poll.poll_id, PERSON, first, nonce=bytes(32)) == issued


def refuse_new(desk: TokenDesk, poll: Poll) -> None:
    with pytest.raises(PollClosed):
        desk.issue(poll.poll_id, VoterPseudonym(b"\x02" * 32), blinded_message(poll), nonce=bytes(32))


def test_the_copy_follows_what_is_made_and_what_is_destroyed(office: Office, tmp_path: Path) -> None:
    backup = tmp_path / "copy"
    backup.mkdir()
    poll = office.publish()
    mirror(office.keys, backup)
    copied = {path.name for path in backup.rglob("*") if path.is_file()}
    statement = f"{office.keys.statement_key().hex()}.key"
    assert copied == {statement, "statement.current", "log.key", "log.id", "pseudonym.key"}
    office.keys.destroy_pseudonym_key(poll.poll_id)
    mirror(office.keys, backup)
    assert not list(backup.rglob("pseudonym.key"))


def test_what_is_in_the_copy_is_not_read_again_until_it_is_written_anew(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "copy"
    backup.mkdir()
    poll = office.publish()
    mirror(office.keys, backup)
    original = Path.read_bytes
    seen: list[str] = []

    def read_bytes(path: Path) -> bytes:
        seen.append(path.name)
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    mirror(office.keys, backup)
    assert seen == []
    log_key = Path("polls", poll.poll_id.hex(), "log.key")
    wrapped = office.keys.custody.wrap(str(log_key), office.keys.log_seed(poll.poll_id))
    seen.clear()
    write_durably(office.keys.state / log_key, wrapped)
    mirror(office.keys, backup)
    assert set(seen) == {"log.key"}
    assert original(backup / log_key) == wrapped
    shutil.rmtree(backup / "polls")
    mirror(office.keys, backup)
    assert original(backup / log_key) == wrapped


@pytest.mark.faults
def test_an_empty_state_directory_does_not_empty_the_copy(office: Office, tmp_path: Path) -> None:
    backup = tmp_path / "copy"
    backup.mkdir()
    office.publish()
    mirror(office.keys, backup)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(KeysMissing):
        mirror(KeyStore(tmp_path / "nothing", office.keys.custody), backup)
    assert list(backup.rglob("pseudonym.key"))
    with pytest.raises(FileNotFoundError):
        mirror(office.keys, tmp_path / "not mounted")
