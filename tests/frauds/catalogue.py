"""All cases, and how they are written as folders for any auditor.

    python -m tests.frauds.catalogue FOLDER

writes `<case>/record/` (docs/protocol.md 9.1); what the auditor brings along: `trust.json`, `checkpoints/`,
`receipts/`, `others/`; and `expected.json`: `{"client":bool,"failed":[check ids],"poll_url":...,
"quorum":int,"story":...,"time":...,"verdict":...,"witnesses":[verifier keys]}`, where `client` says whether
the client's files are to be compared, which a client cannot do for itself.
"""

import sys
from pathlib import Path

from shared.encoding import b64u, canonical_json, format_time
from tests.frauds import ballots, client, counting, honest, log, sealed, services
from tests.frauds.case import CASES, Case
from tests.public_record import write_folder
from tests.simulator import WITNESS, Election

__all__ = ["CASES", "ballots", "client", "counting", "honest", "log", "sealed", "services", "write_case"]


def write_case(folder: Path, case: Case) -> None:
    """Write one case."""
    election = case.election()
    record = election.record()
    write_folder(folder / "record", record.files())
    if election.trust is not None:
        (folder / "trust.json").write_bytes(election.trust.to_bytes())
    _write_all(folder / "checkpoints", election.seen)
    _write_all(folder / "others", election.others)
    _write_all(folder / "receipts", _receipts(election))
    expected = {
        "client": bool(election.served),
        "failed": list(case.failed),
        "poll_url": record.poll_url,
        "quorum": 1 if election.cosigned_at else 0,
        "story": case.story,
        "time": format_time(case.now),
        "verdict": case.verdict,
        "witnesses": [str(WITNESS)] if election.cosigned_at else [],
    }
    (folder / "expected.json").write_bytes(canonical_json(expected))


def _receipts(election: Election) -> list[bytes]:
    return [
        canonical_json(
            {
                "format": "veche/receipt/v1",
                "leaf_hash": receipt.leaf_hash.hex(),
                "poll_id": receipt.poll_id.hex(),
                "receipt": b64u(receipt.signature),
            }
        )
        for receipt in election.receipts
    ]


def _write_all(folder: Path, files: list[bytes]) -> None:
    folder.mkdir(parents=True)
    for number, data in enumerate(files):
        (folder / str(number)).write_bytes(data)


if __name__ == "__main__":
    for chosen in CASES.values():
        write_case(Path(sys.argv[1]) / chosen.name, chosen)
