"""State and result of a poll (docs/protocol.md 8.3 and 8.4)."""

from typing import Final

from flask import Blueprint, Response

from ballot_box import store
from ballot_box.polls import known_poll, published_state
from ballot_box.routes.answers import asked_language, json_answer, json_bytes, read_poll_id
from ballot_box.services import services
from shared.db import read
from shared.encoding import b64u, parse_json
from shared.refusals import NotFound, PollUnknown
from shared.spreadsheet import XLSX_TYPE, result_csv, result_xlsx
from shared.statements import Kind
from shared.web.headers import IMMUTABLE, REVALIDATED, allow_any_origin
from shared.web.openapi import (
    B64U,
    COUNT,
    HEX_32,
    JSON,
    STATEMENT,
    Content,
    Operation,
    described,
    members,
)

STATE: Final = members(
    awaits_opening={"type": "boolean"}, ballots=COUNT, closed={"type": "boolean"}, poll_id=HEX_32
)

TABLES: Final = {"csv": (result_csv, "text/csv; charset=utf-8"), "xlsx": (result_xlsx, XLSX_TYPE)}

results = Blueprint("results", __name__)
results.after_request(allow_any_origin)


@results.get("/polls/<poll_id>/state.json")
@described(Operation({200: (Content(JSON, STATE),)}, (PollUnknown,)))
def state(poll_id: str) -> Response:
    """How far the log is published. A convenience that proves nothing."""
    with read(services().engine) as conn:
        now = published_state(conn, known_poll(conn, read_poll_id(poll_id)))
    members = {
        "awaits_opening": now.awaits_opening,
        "ballots": now.ballots,
        "closed": now.closed,
        "poll_id": poll_id,
    }
    return json_answer(members, caching=REVALIDATED)


@results.get("/polls/<poll_id>/result.json")
@described(Operation({200: (Content(JSON, {"type": "object"}),)}, (PollUnknown, NotFound)))
def result(poll_id: str) -> Response:
    """The signed statement, once there is one."""
    statement, _ = _result(poll_id)
    return json_bytes(statement, caching=IMMUTABLE)


@results.get("/polls/<poll_id>/result.<any(csv, xlsx):form>")
def result_table(poll_id: str, form: str) -> Response:
    """The result for a spreadsheet program, in the language asked for."""
    statement, _ = _result(poll_id)
    with read(services().engine) as conn:
        manifest = known_poll(conn, read_poll_id(poll_id)).manifest
    write, kind = TABLES[form]
    data = write(manifest, parse_json(statement), asked_language())
    headers = {"Cache-Control": REVALIDATED, "Content-Disposition": f'attachment; filename="result.{form}"'}
    return Response(data, content_type=kind, headers=headers)


@results.get("/polls/<poll_id>/result.signature")
@described(Operation({200: (Content("text/plain", B64U),)}, (PollUnknown, NotFound)))
def result_signature(poll_id: str) -> Response:
    """The signature of the result, b64u."""
    _, signature = _result(poll_id)
    headers = {"Cache-Control": IMMUTABLE}
    return Response(b64u(signature), content_type="text/plain; charset=utf-8", headers=headers)


@results.get("/polls/<poll_id>/<any(cancellation, decision):kind>.json")
@described(Operation({200: (Content(JSON, STATEMENT),)}, (PollUnknown, NotFound)))
def statement(poll_id: str, kind: Kind) -> Response:
    """What the issuers said of the poll, with their signatures."""
    with read(services().engine) as conn:
        poll = known_poll(conn, read_poll_id(poll_id))
        found = store.find_statement(conn, poll.poll_id, kind)
    if found is None:
        raise NotFound
    return json_bytes(found, caching=IMMUTABLE)


@results.get("/polls/<poll_id>/opening.json")
@described(Operation({200: (Content(JSON, {"type": "object"}),)}, (PollUnknown, NotFound)))
def opening(poll_id: str) -> Response:
    """The key that opens the ballots of a sealed poll, once it is over."""
    with read(services().engine) as conn:
        poll = known_poll(conn, read_poll_id(poll_id))
        found = store.find_statement(conn, poll.poll_id, "opening")
    if found is None:
        raise NotFound
    return json_bytes(found, caching=IMMUTABLE)


def _result(poll_id: str) -> tuple[bytes, bytes]:
    with read(services().engine) as conn:
        poll = known_poll(conn, read_poll_id(poll_id))
    if poll.result is None or poll.result_signature is None:
        raise NotFound
    return poll.result, poll.result_signature
