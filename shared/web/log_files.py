"""Files of a log as answers: how long caches keep them, and compressed where that helps."""

from flask import Response
from sqlalchemy import Engine

from shared.db import read
from shared.log.reader import LogFile, NoSuchFile, read_file
from shared.log.tables import LogTables
from shared.refusals import NotFound
from shared.web.compression import compressed
from shared.web.headers import IMMUTABLE, REVALIDATED


def log_file_answer(engine: Engine, tables: LogTables, log_id: str, path: str) -> Response:
    """A checkpoint, a tile or an entry bundle. Raises NotFound."""
    try:
        with read(engine) as conn:
            file = read_file(conn, tables, log_id, path)
    except NoSuchFile:
        raise NotFound from None
    return _answer(file)


def _answer(file: LogFile) -> Response:
    """The answer with a file. Entry bundles are compressed for those who take gzip (RFC 9110 section 8.4)."""
    answer = Response(file.data, content_type=file.content_type)
    answer.headers["Cache-Control"] = IMMUTABLE if file.immutable else REVALIDATED
    return compressed(answer) if file.compressible else answer
