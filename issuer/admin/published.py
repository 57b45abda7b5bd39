"""A published poll: how far it is, its counts, its result, what the administration decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import structlog
from flask import Blueprint, Response
from sqlalchemy import Connection

from issuer import store
from issuer.admin import acts, drafts
from issuer.admin.forms import PlainForm, StatementForm
from issuer.admin.pages import checked, download, page, see, signed_in
from issuer.admin.press import press
from issuer.admin.refusals import ActNotPossible, NothingThere
from issuer.admin.words import language
from issuer.publication import BoxRefused, NotDelivered
from issuer.services import services
from issuer.statements import SaidOtherwise, SignaturesMissing, Speaker
from shared.db import read, write
from shared.encoding import EncodingRefused, from_hex, parse_json
from shared.manifest import Poll
from shared.spreadsheet import XLSX_TYPE, Row, result_csv, result_rows, result_xlsx
from shared.statements import KINDS, Kind, parse_statement

published = Blueprint("published", __name__)

MAX_RESULT = 4_254_816
"""The largest file of a record (docs/protocol.md 9.1)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a poll is."""

    stage: str
    """announced, open, counting, result, decided, archived, cancelled."""
    tokens: int
    result: dict[str, Any] | None


@published.get("/polls/published/<poll_id>")
def show(poll_id: str) -> Response:
    """The poll's page in the office."""
    return _page(poll_id, StatementForm(("ru", "en"), formdata=None))


@published.post("/polls/published/<poll_id>/duplicate")
def duplicate(poll_id: str) -> Response:
    """A new draft like the one this poll was made of."""
    checked(PlainForm())
    official, here = signed_in(), services()
    with write(here.engine) as conn:
        poll = press().find(conn, official, _id(poll_id))
        draft = drafts.of_poll(conn, poll.poll_id)
        if draft is None:
            raise ActNotPossible
        new_id = drafts.new_id()
        drafts.make(conn, official, new_id, draft.oktmo, draft.content, here.clock())
    return see("polls.edit", draft_id=new_id)


@published.post("/polls/published/<poll_id>/cancel")
def cancel(poll_id: str) -> Response:
    """Cancel the poll for all to see, with the reason."""
    return _say("cancellation", poll_id, act="poll-cancelled")


@published.post("/polls/published/<poll_id>/decide")
def decide(poll_id: str) -> Response:
    """Publish what the administration decided."""
    return _say("decision", poll_id, act="decision-published")


def _say(kind: Kind, poll_id: str, *, act: str) -> Response:
    official, here, poll = signed_in(), services(), _find(poll_id)
    form = StatementForm(poll.manifest.languages)
    if not form.validate():
        return _page(poll_id, checked(form, "text_ru", "text_en"), status=422, wrong=kind)
    if (here.clock() >= poll.manifest.closes_at) is (kind == "cancellation"):
        raise ActNotPossible
    speaker = Speaker(here.engine, here.keys, here.settings.url, here.box_http)
    try:
        speaker.say(kind, poll, form.texts())
    except NotDelivered:
        structlog.get_logger().warning("statement-not-delivered", poll_id=poll_id[:8])
    except (SaidOtherwise, BoxRefused):
        raise ActNotPossible from None
    except SignaturesMissing as missing:
        return download(missing.args[0], f"{kind}-{poll_id[:8]}.json", "application/json")
    with write(here.engine) as conn:
        acts.record(conn, act, poll_id, here.clock(), by=official.id)
    return see("published.show", poll_id=poll_id)


@published.get("/polls/published/<poll_id>/result.json")
def export_json(poll_id: str) -> Response:
    """The result as the box signed it."""
    data = _result_bytes(_find(poll_id))
    if data is None:
        raise NothingThere
    return download(data, "result.json", "application/json")


@published.get("/polls/published/<poll_id>/result.csv")
def export_csv(poll_id: str) -> Response:
    """The result for a spreadsheet."""
    poll = _find(poll_id)
    return download(result_csv(poll.manifest, _result(poll), language()), "result.csv", "text/csv")


@published.get("/polls/published/<poll_id>/result.xlsx")
def export_xlsx(poll_id: str) -> Response:
    """The result as a workbook."""
    poll = _find(poll_id)
    data = result_xlsx(poll.manifest, _result(poll), language())
    return download(data, "result.xlsx", XLSX_TYPE)


def _page(poll_id: str, form: StatementForm, *, status: int = 200, wrong: str = "") -> Response:
    poll, here = _find(poll_id), services()
    result = _result_bytes(poll) if here.clock() >= poll.manifest.closes_at else None
    with read(here.engine) as conn:
        said = {kind: _said(conn, poll.poll_id, kind) for kind in KINDS}
        progress = _progress(conn, poll, here.clock(), result)
        draft = drafts.of_poll(conn, poll.poll_id)
        history = acts.about(conn, poll_id) + ([] if draft is None else acts.about(conn, draft.id))
    history.sort(key=lambda act: act.number)
    return page(
        "poll.html",
        status=status,
        poll=poll,
        poll_id=poll_id,
        progress=progress,
        numbers=_numbers(poll, progress.result),
        form=form,
        history=history,
        names=acts.ACTS,
        made_here=draft is not None,
        said=said,
        wrong=wrong,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in words, and whether the ballot box has it."""

    text: dict[str, str]
    delivered: bool


def _said(conn: Connection, poll_id: bytes, kind: Kind) -> Said | None:
    encoded = store.find_statement(conn, poll_id, kind)
    if encoded is None:
        return None
    waiting = {(poll.poll_id, waiting_kind) for poll, waiting_kind, _ in store.undelivered(conn)}
    return Said(dict(parse_statement(kind, encoded).text), (poll_id, kind) not in waiting)


def _find(poll_id: str) -> Poll:
    official = signed_in()
    with read(services().engine) as conn:
        return press().find(conn, official, _id(poll_id))


def _progress(conn: Connection, poll: Poll, now: datetime, result: bytes | None) -> Progress:
    tokens = store.count_issuances(conn, poll.poll_id)
    if store.find_statement(conn, poll.poll_id, "cancellation") is not None:
        return Progress("cancelled", tokens, None)
    if now < poll.manifest.closes_at:
        return Progress("announced" if now < poll.manifest.opens_at else "open", tokens, None)
    if result is None:
        return Progress("counting", tokens, None)
    stage = "result"
    if store.find_statement(conn, poll.poll_id, "decision") is not None:
        stage = "decided"
    if store.is_archived(conn, poll.poll_id):
        stage = "archived"
    return Progress(stage, tokens, parse_json(result))


def _numbers(poll: Poll, result: dict[str, Any] | None) -> list[Row]:
    """Question, option, what is counted, number; nothing where the box gave something else."""
    if result is None:
        return []
    try:
        return list(result_rows(poll.manifest, result, language()))[1:-1]
    except (KeyError, TypeError):
        return []


def _result(poll: Poll) -> dict[str, Any]:
    data = _result_bytes(poll)
    if data is None:
        raise NothingThere
    result: dict[str, Any] = parse_json(data)
    return result


def _result_bytes(poll: Poll) -> bytes | None:
    """The box's result, if it is there and the box answers."""
    url = f"{poll.manifest.ballot_box.url}/polls/{poll.poll_id.hex()}/result.json"
    try:
        answer = services().box_http.get(url, timeout=10.0)
        return answer.content if answer.status_code == 200 and _is_result(answer.content) else None
    except httpx.HTTPError:
        return None


def _is_result(data: bytes) -> bool:
    try:
        return len(data) <= MAX_RESULT and isinstance(parse_json(data), dict)
    except EncodingRefused:
        return False


def _id(poll_id: str) -> bytes:
    try:
        return from_hex(poll_id, size=32)
    except EncodingRefused:
        raise NothingThere from None
