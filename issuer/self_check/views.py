"""What the page of a self-check shows: values for the template."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from crypto.checkpoint import parse_checkpoint
from crypto.merkle import leaf_hash
from issuer import store
from issuer.keys import VoterPseudonym
from issuer.oauth.views import PollView, format_time_for_people, poll_view
from issuer.polls import known_poll
from issuer.self_check.evidence import Evidence, evidence_of
from issuer.self_check.messages import MESSAGES
from issuer.services import Services
from shared import labels
from shared.manifest import Language, Poll


@dataclass(frozen=True, slots=True)
class Record:
    """One poll, and the issuance in the resident's name if there is one."""

    poll: PollView
    count: str
    contact: str
    where: str
    """Where the record stands, or when it will; empty where nothing was issued."""
    parts: tuple[tuple[str, str], ...]
    """Names and values, in hex."""


def records(
    conn: Connection, here: Services, pseudonyms: Mapping[bytes, VoterPseudonym], language: Language
) -> list[Record]:
    """The records that these pseudonyms may see; polls with a token first, then the last to close."""
    found = []
    for poll_id, pseudonym in pseudonyms.items():
        if store.is_forgotten(conn, poll_id):
            continue
        poll = known_poll(conn, poll_id)
        evidence = evidence_of(conn, here.keys, here.settings.url, poll, pseudonym)
        found.append((evidence is None, poll, _record(conn, poll, evidence, language)))
    found.sort(key=lambda one: (one[0], -one[1].manifest.closes_at.timestamp()))
    return [record for _, _, record in found]


def _record(conn: Connection, poll: Poll, evidence: Evidence | None, language: Language) -> Record:
    words = MESSAGES[language]
    return Record(
        poll=poll_view(poll, language),
        count=words["count"].format(number=store.count_issuances(conn, poll.poll_id)),
        contact=words["unexpected"].format(contact=poll.manifest.contact),
        where="" if evidence is None else _where(evidence, language),
        parts=() if evidence is None else _parts(evidence, words),
    )


def _where(evidence: Evidence, language: Language) -> str:
    words, manifest = MESSAGES[language], evidence.poll.manifest
    if evidence.inclusion is None or evidence.checkpoint is None:
        return words["waiting"].format(time=format_time_for_people(manifest.include_by, language))
    size = parse_checkpoint(evidence.checkpoint.decode().partition("\n\n")[0] + "\n").size
    return words["published"].format(index=evidence.inclusion.index, size=size)


def _parts(evidence: Evidence, words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    one = evidence.issuance
    return (
        (words["pseudonym"], one.pseudonym.hex()),
        (words["nonce"], one.nonce.hex()),
        (words["request"], hashlib.sha256(one.blinded_message).hexdigest()),
        (words["commitment"], evidence.leaf.removeprefix(labels.ISSUED).hex()),
        (words["leaf"], leaf_hash(evidence.leaf).hex()),
    )
