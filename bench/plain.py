"""A peer for casting: a plain Flask server as anybody would write it, one transaction per ballot, no receipt.

It verifies the same signatures with the same library and inserts with full sync. gunicorn serves it.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask, request

from shared.manifest import parse_manifest
from shared.poll_keys import PollKeys, verify_ballot

DATABASE, MANIFEST = Path(os.environ["VECHE_PLAIN_DATABASE"]), Path(os.environ["VECHE_PLAIN_MANIFEST"])
TABLE = (
    "CREATE TABLE IF NOT EXISTS ballot (key BLOB, revision INTEGER, data BLOB, PRIMARY KEY (key, revision))"
)

app = Flask(__name__)
keys = PollKeys.of(parse_manifest(MANIFEST.read_bytes()))


@app.post("/polls/<poll_id>/ballots")
def cast(poll_id: str) -> str:
    """Take one ballot."""
    data = request.get_data()
    ballot = verify_ballot(keys, data)
    with closing(sqlite3.connect(DATABASE, timeout=30)) as connection, connection:
        connection.execute("PRAGMA synchronous=FULL")
        row = (ballot.ballot_key, ballot.revision, data)
        connection.execute("INSERT OR IGNORE INTO ballot VALUES (?, ?, ?)", row)
    return poll_id


with closing(sqlite3.connect(DATABASE)) as first:
    first.execute("PRAGMA journal_mode=WAL")
    first.execute(TABLE)
