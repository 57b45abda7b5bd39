"""The issuance logs at their C2SP tlog-tiles paths (docs/protocol.md 5.4)."""

from flask import Blueprint, Response

from issuer import tables
from issuer.services import services
from shared.refusals import NotFound
from shared.web.headers import allow_any_origin
from shared.web.log_files import log_file_answer
from shared.web.openapi import LOG_FILE, Operation, described

logs = Blueprint("logs", __name__)
logs.after_request(allow_any_origin)


@logs.get("/log/<log_id>/<path:path>")
@described(Operation({200: LOG_FILE}, (NotFound,)))
def log_file(log_id: str, path: str) -> Response:
    """A checkpoint, a tile or an entry bundle."""
    return log_file_answer(services().engine, tables.log, log_id, path)
