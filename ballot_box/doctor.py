"""`veche-box doctor`: what of this installation is not in order, and what mends it."""

from functools import partial
from pathlib import Path

import httpx

from ballot_box import store, tables
from ballot_box.migrations import check_version
from ballot_box.services import Services
from ballot_box.state import KeysMissing
from shared import doctor
from shared.db import read
from shared.doctor import Check, Unsound
from shared.log.sequencer import head_of
from shared.log.witnesses import Witness
from shared.sealing import OpeningInvalid, check_private_key
from shared.trust import PATH


def checks(box: Services, http: httpx.Client) -> list[Check]:
    """Every check of an initialised box."""
    settings, issuers = box.settings, sorted({issuer.url for issuer in box.trust.issuers})
    return [
        ("state folder", partial(doctor.private, settings.state)),
        ("database keeps what it was given", partial(doctor.durable, box.engine)),
        ("tables", partial(doctor.migrated, check_version, box.engine)),
        ("disk", partial(_roomy, box)),
        ("public address", partial(doctor.encrypted, settings.url, box.clock)),
        ("client", partial(_client, box)),
        ("witnesses", partial(_quorum, box)),
        *((f"witness {one.key.name}", partial(_witness, one, http)) for one in settings.witnesses),
        *((f"clock and {url}", partial(doctor.punctual, url + PATH, http, box.clock)) for url in issuers),
        *((f"trust root of {url}", partial(_same_trust, box, url, http)) for url in issuers),
        ("taking ballots", partial(_writable, box)),
        ("log keys", partial(_log_keys, box)),
        ("sealing keys", partial(_sealing_keys, box)),
        ("signed history", partial(_history, box)),
    ]


def _roomy(box: Services) -> None:
    folders = {box.settings.state}
    if box.engine.dialect.name == "sqlite":
        folders.add(Path(str(box.engine.url.database)).parent)
    for folder in sorted(folders):
        doctor.roomy(folder, 2 * box.settings.reserve)


def _client(box: Services) -> None:
    if box.trust.client != box.settings.client:
        raise Unsound(
            f"VECHE_BOX_CLIENT is {box.settings.client}, the trust root says {box.trust.client}",
            "Make them one.",
        )


def _quorum(box: Services) -> None:
    asked, quorum = len(box.settings.witnesses), box.settings.quorum
    if asked < quorum:
        raise Unsound(
            f"a quorum of {quorum} among {asked} witnesses", "Add witnesses or lower VECHE_BOX_QUORUM."
        )


def _witness(witness: Witness, http: httpx.Client) -> None:
    """It answers an empty request, which it must refuse."""
    try:
        answer = http.post(f"{witness.url}/add-checkpoint", content=b"", timeout=doctor.ANSWER_SECONDS)
    except httpx.HTTPError as error:
        raise Unsound(
            f"{witness.url} does not answer ({type(error).__name__})", "Tell its operator."
        ) from None
    if answer.status_code not in (400, 403, 404, 409, 422):
        raise Unsound(f"{witness.url} answers {answer.status_code}: no witness", "Look at its URL.")


def _same_trust(box: Services, url: str, http: httpx.Client) -> None:
    doctor.same_trust(url + PATH, http, box.trust.to_bytes())


def _writable(box: Services) -> None:
    notice = box.settings.state / "READ-ONLY"
    if notice.exists():
        raise Unsound(
            f"the box is read-only: {notice.read_text('utf-8').strip()}",
            "docs/operations.md, a read-only ballot box.",
        )


def _log_keys(box: Services) -> None:
    with read(box.engine) as conn:
        polls = store.all_polls(conn)
    for poll in polls:
        if box.state.log_key(poll.log_id) != poll.keys.poll_log.public:
            raise Unsound(
                f"logs/{poll.log_id}.key is another key than the poll's", "Restore the state folder."
            )


def _sealing_keys(box: Services) -> None:
    """Of the polls that this box is to open by itself."""
    with read(box.engine) as conn:
        polls = store.all_polls(conn)
    for poll in polls:
        sealing = poll.manifest.sealing
        if sealing is None or sealing.custodian != "automatic":
            continue
        try:
            check_private_key(sealing, box.state.sealing_key(poll.log_id))
        except (KeysMissing, OpeningInvalid):
            raise Unsound(
                f"logs/{poll.log_id}.hpke does not open the poll", "Restore the state folder."
            ) from None


def _history(box: Services) -> None:
    """The database has what was signed."""
    with read(box.engine) as conn:
        heads = [(poll, head_of(conn, tables.log, poll.log_id).size) for poll in store.all_polls(conn)]
    for poll, size in heads:
        last = box.state.log_signer(poll.log_id, poll.keys.poll_log.name).last_signed()
        if last is None or last.size > size:
            raise Unsound(
                f"of log {poll.log_id} the database has {size} leaves, {last and last.size} were signed",
                "docs/operations.md, a read-only ballot box.",
            )
