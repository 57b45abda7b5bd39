"""`veche-issuer doctor`: what of this installation is not in order, and what mends it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import Engine

from issuer import store
from issuer.admin import acts
from issuer.admin.acts import ChainBroken
from issuer.custody import SecretUnreadable
from issuer.esia.errors import GostKeyInvalid
from issuer.esia.gost_asn1 import load_private_key, load_public_key
from issuer.hsm import HsmUnavailable, is_reference
from issuer.key_backup import lacking
from issuer.keys import KeysMissing, KeyStore
from issuer.migrations import check_version
from issuer.residency.table import ResidencyTable, TableInvalid
from issuer.settings import Settings
from shared import doctor
from shared.clock import Clock
from shared.db import read
from shared.doctor import Check, Unsound
from shared.encoding import b64u
from shared.manifest import Poll
from shared.trust import PATH, TrustRoot

REGISTER_AGE: Final = timedelta(days=62)
"""Residency data are to be imported every month."""
DATABASE_RESERVE: Final = 256 << 20
COPIED_WITHIN: Final = timedelta(minutes=5)
"""The worker copies new keys at each of its passes."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What is examined."""

    settings: Settings
    engine: Engine
    keys: KeyStore
    trust: TrustRoot
    clock: Clock
    http: httpx.Client


def checks(issuer: Installation) -> list[Check]:
    """Every check of an initialised issuer."""
    settings = issuer.settings
    own: dict[str, Callable[[Installation], None]] = {
        "keys can be unwrapped": _unwrapped,
        "keys apart from what unwraps them": _apart,
        "keys of running polls": _poll_keys,
        "copy of the keys": _copied,
        "own entry in the trust root": _trusted,
        "disk": _roomy,
        "ESIA key and certificate": _esia_pair,
        "ESIA's certificates": _esia_certificates,
        "residency table": _residency,
        "verified addresses": _marks,
        "log of acts": _acts,
    }
    return [
        ("state folder", partial(doctor.private, settings.state)),
        ("database keeps what it was given", partial(doctor.durable, issuer.engine)),
        ("tables", partial(doctor.migrated, check_version, issuer.engine)),
        *((name, partial(check, issuer)) for name, check in own.items()),
        ("public address", partial(doctor.encrypted, settings.url, issuer.clock)),
        ("clock and ballot box", partial(doctor.punctual, settings.box + PATH, issuer.http, issuer.clock)),
        ("trust root of the ballot box", partial(_same_trust, issuer)),
        ("clock and ESIA", partial(doctor.punctual, settings.esia_url, issuer.http, issuer.clock)),
    ]


def _unwrapped(issuer: Installation) -> None:
    try:
        for name in issuer.keys.names():
            issuer.keys.custody.unwrap(name, (issuer.keys.state / name).read_bytes())
        issuer.keys.statement_seed()
    except (SecretUnreadable, KeysMissing) as error:
        raise Unsound(
            str(error), "Give the key-encryption key that wrapped it, as one more line of the file."
        ) from None


def _apart(issuer: Installation) -> None:
    """Who takes one of state, database, key-encryption key has nothing."""
    settings, state = issuer.settings, issuer.settings.state.resolve()
    if settings.kek_file is not None:
        doctor.private(settings.kek_file)
        if settings.kek_file.resolve().is_relative_to(state):
            raise Unsound(
                "the key-encryption key lies beside the keys that it wraps",
                "Move it out of the state folder.",
            )
    if issuer.engine.dialect.name == "sqlite" and Path(
        str(issuer.engine.url.database)
    ).resolve().is_relative_to(state):
        raise Unsound(
            "the database lies in the state folder", "Move it out: keys and database are backed up apart."
        )


def _poll_keys(issuer: Installation) -> None:
    with read(issuer.engine) as conn:
        polls = store.remembered(conn)
    for poll in polls:
        try:
            issuer.keys.pseudonym(poll.poll_id, "0" * 11)
            issuer.keys.log_seed(poll.poll_id)
            _token_key(issuer, poll)
        except (KeysMissing, SecretUnreadable, HsmUnavailable) as error:
            raise Unsound(
                f"poll {poll.poll_id.hex()[:8]}: {error}",
                "Restore the copy of the keys; without it end the poll: one person could get two tokens.",
            ) from None


def _token_key(issuer: Installation, poll: Poll) -> None:
    if issuer.keys.has_token_key(poll.poll_id):
        secret = issuer.keys.token_key(poll.poll_id)
        if is_reference(secret):
            issuer.keys.hsm.operation(secret)
    elif issuer.clock() < poll.manifest.closes_at:
        raise Unsound(f"poll {poll.poll_id.hex()[:8]} lost its token key", "Cancel the poll.")


def _copied(issuer: Installation) -> None:
    copy = issuer.settings.key_backup
    if copy is None:
        raise Unsound(
            "there is no copy of the keys", "Set VECHE_ISSUER_KEY_BACKUP to a folder on another medium."
        )
    doctor.writable(copy)
    if copy.resolve().is_relative_to(issuer.settings.state.resolve()):
        raise Unsound("the copy of the keys lies in the state folder", "Put it on another medium.")
    if lacking(issuer.keys, copy, issuer.clock() - COPIED_WITHIN):
        raise Unsound(
            "keys are not in their copy, or are others there",
            "See why in the log of veche-issuer worker: key-backup-failed. What is damaged there you may "
            "remove: the next pass writes it anew.",
        )


def _trusted(issuer: Installation) -> None:
    settings, entries = (
        issuer.settings,
        [one for one in issuer.trust.issuers if one.url == issuer.settings.url],
    )
    if b64u(issuer.keys.statement_key()) not in {one.statement_key for one in entries}:
        raise Unsound(
            "the trust root does not name this issuer's statement key",
            "Put veche-issuer trust-entry into it.",
        )
    if issuer.trust.client != settings.client or issuer.trust.ballot_box.url != settings.box:
        raise Unsound(
            "client or ballot box of the settings are not those of the trust root", "Make them one."
        )


def _roomy(issuer: Installation) -> None:
    doctor.roomy(issuer.settings.state, DATABASE_RESERVE)
    if issuer.engine.dialect.name == "sqlite":
        doctor.roomy(Path(str(issuer.engine.url.database)).parent, DATABASE_RESERVE)


def _esia_pair(issuer: Installation) -> None:
    settings = issuer.settings
    try:
        certificate = settings.esia_certificate.read_bytes()
        private = load_private_key(settings.esia_key.read_bytes())
        fits = load_public_key(certificate) == private.public_key()
    except (OSError, GostKeyInvalid) as error:
        raise Unsound(
            f"key or certificate for ESIA: {type(error).__name__}", "Look at the two files."
        ) from None
    if not fits:
        raise Unsound("the certificate for ESIA is of another key", "Give the certificate made for this key.")
    doctor.private(settings.esia_key)
    doctor.valid(certificate, "our certificate for ESIA", issuer.clock)


def _esia_certificates(issuer: Installation) -> None:
    for path in issuer.settings.esia_verification:
        data = path.read_bytes()
        if b"PUBLIC KEY" not in data:
            doctor.valid(data, f"ESIA's certificate {path.name}", issuer.clock)


def _residency(issuer: Installation) -> None:
    try:
        table = ResidencyTable.open(issuer.settings.residency)
    except TableInvalid as error:
        raise Unsound(str(error), "veche-issuer residency import.") from None
    if table.count() == 0:
        raise Unsound("the residency table is empty", "veche-issuer residency import.")
    if issuer.clock().date() - date.fromisoformat(table.date) > REGISTER_AGE:
        raise Unsound(f"the residency table is of {table.date}", "Import the newest address register.")


def _marks(issuer: Installation) -> None:
    if issuer.settings.esia_verified_marks:
        return
    with read(issuer.engine) as conn:
        polls = store.unarchived(conn)
    if any(one.manifest.residency == "verified" and issuer.clock() < one.manifest.closes_at for one in polls):
        raise Unsound(
            "a poll asks for verified addresses, and no mark counts as verified",
            "Set VECHE_ISSUER_ESIA_VERIFIED_MARKS.",
        )


def _acts(issuer: Installation) -> None:
    try:
        with read(issuer.engine) as conn:
            acts.check_chain(acts.every(conn))
    except ChainBroken as error:
        raise Unsound(
            f"the log of acts: {error}",
            "Compare it with an earlier export; find who could write there.",
        ) from None


def _same_trust(issuer: Installation) -> None:
    doctor.same_trust(issuer.settings.box + PATH, issuer.http, issuer.trust.to_bytes())
