"""The tessera sample log, kept in our tables and signed with its public test key."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from crypto import merkle
from shared.db import connect, read, write
from shared.log.publisher import publish
from shared.log.reader import read_file
from shared.log.sequencer import append, create_log, sequence
from shared.log.signer import CheckpointSigner
from shared.log.tables import log_tables
from tests.databases import database_url
from tests.shared.log.conftest import LOG_ID

pytestmark = pytest.mark.vectors


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def test_our_log_serves_the_files_of_tessera_byte_for_byte(vectors_dir: Path, tmp_path: Path) -> None:
    known = _json(vectors_dir / "tlog_known_answers.json")["tessera_log"]
    files = _json(vectors_dir / "tessera-testdata-log" / "log.json")["files"]
    entries = [entry.encode() for entry in known["entries"]]
    seed = base64.b64decode(known["skey"].split("+", 4)[4])[1:]
    signer = CheckpointSigner(known["vkey"].split("+")[0], seed, tmp_path / "mark")
    order = [merkle.leaf_hash(entry) for entry in entries]
    metadata = MetaData()
    tables, engine = log_tables(metadata), connect(database_url(tmp_path / "log.sqlite"))
    with write(engine) as connection:
        metadata.create_all(connection)
        create_log(connection, tables, LOG_ID)
    served = {"checkpoint.0": publish(engine, tables, LOG_ID, signer)}
    for size, batch in ((1, entries[:1]), (2, entries[1:2]), (7, entries[2:7]), (15, entries[7:])):
        with write(engine) as connection:
            for entry in batch:
                append(connection, tables, LOG_ID, entry)
            sequence(connection, tables, LOG_ID, lambda leaves: leaves.sort(key=order.index))
        served[f"checkpoint.{size}"] = publish(engine, tables, LOG_ID, signer)
    with read(engine) as connection:
        for path in files:
            if not path.startswith("checkpoint."):
                served[path] = read_file(connection, tables, LOG_ID, path).data
    engine.dispose()
    assert len(served) == 31 + 5
    for path, data in served.items():
        file = files[path]
        assert data == (file["text"].encode() if "text" in file else base64.b64decode(file["base64"]))
