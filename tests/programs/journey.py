"""`make journey`: every resident of the ESIA stand goes the whole way over real HTTP, to the audit.

Progress goes to standard error. The last line of standard output is one JSON object; exit code 0 only if
everything is as the stand's residents say it should be.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from issuer.esia_stand.residents import RESIDENTS
from shared.answers import Answer, Answers, encode_answers
from shared.count import count_answers
from shared.encoding import b64u, canonical_json, format_time
from shared.manifest import Manifest, Poll, Question
from shared.record import record_path
from shared.result import question_members
from shared.trust import PATH as TRUST_PATH
from shared.trust import parse_trust
from tests.programs import softhsm
from tests.programs.daily import daily_round
from tests.programs.installation import Installation
from tests.programs.processes import command, free_port
from tests.programs.resident import Receipt, Refused, Resident
from tests.programs.sealed import PRESENT, Trustees

POLLS = {"barnaul": "barnaul", "fair": "region"}
"""Polls by file, with the territory that the stand's residents name in what is expected of them."""
REVOTE = os.environ.get("REVOTE") == "1"
"""Whether votes may be changed, and every third resident does."""

ISSUERS, THRESHOLD = int(os.environ.get("ISSUERS", "1")), int(os.environ.get("THRESHOLD", "1"))
"""With several issuers one of them goes down for half of the residents."""

SEALED = os.environ.get("SEALED") == "1"
"""Whether the answers of all polls are sealed, each for any two of three trustees of its own."""

HSM = os.environ.get("HSM") == "1"
"""Whether the token keys lie in a hardware security module, SoftHSM."""

OPEN_SECONDS = 80 * THRESHOLD
"""How long the polls stay open, or longer on a slow machine. All residents are served in a fifth of it."""

CLOSING_SECONDS = 180
"""How long closing, result and issuance logs may take after that: a bound for what hangs."""


@dataclass
class Tally:
    """What happened, and what should have."""

    refusals: Counter[str] = field(default_factory=Counter)
    expected_refusals: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: {name: [] for name in POLLS})
    counted: dict[str, list[bytes]] = field(default_factory=lambda: {name: [] for name in POLLS})
    """The answers fields that should count."""
    manifests: dict[str, Manifest] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)


def main() -> int:
    """Run the journey in a temporary folder; the exit code."""
    with tempfile.TemporaryDirectory(prefix="veche-journey-") as folder:
        return journey(Path(folder), sealed=tuple(POLLS) if SEALED else ())


def journey(folder: Path, *, sealed: Sequence[str] = (), automatic: Sequence[str] = ()) -> int:
    """Run the journey in this folder, which keeps databases and logs; the exit code.

    `sealed`: the polls that trustees open, `automatic`: those that the ballot box opens.
    """
    trustees = {name: Trustees(folder / f"sheets-{name}", PRESENT[at]) for at, name in enumerate(sealed)}
    sealing = {name: one.held.sealing for name, one in trustees.items()} | dict.fromkeys(
        automatic, "automatic"
    )
    settings = softhsm.make_token(folder / "hsm") if HSM else {}
    settings["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "counted")
    (folder / "counted").mkdir()
    with Installation(folder, settings, issuers=ISSUERS) as installation:
        say(f"installation in {folder}")
        installation.release_client()
        opens_at = datetime.now(UTC) - timedelta(seconds=1)
        closes_at = installation.soon(OPEN_SECONDS)
        polls = {
            name: _publish(
                installation,
                installation.write_draft(
                    name,
                    opens_at=opens_at,
                    closes_at=closes_at,
                    revoting=REVOTE,
                    sealing=sealing.get(name),
                ),
            )
            for name in POLLS
        }
        tally = _everybody_votes(installation, polls)
        for name, one in trustees.items():
            tally.surprises += [f"{name}: {fault}" for fault in one.try_early(installation, polls[name])]
        daily_round(installation)
        say(f"waiting for the polls to close at {format_time(closes_at)}")
        time.sleep(max(0.0, (closes_at - datetime.now(UTC)).total_seconds()))
        for name, one in trustees.items():
            faults = one.open(installation, polls[name], CLOSING_SECONDS)
            tally.surprises += [f"{name}: {fault}" for fault in faults]
            say(f"{name}: two trustees came to open it")
        reports = {name: _audit(installation, polls[name], tally.receipts[name], closes_at) for name in POLLS}
        for name in POLLS:
            tally.surprises += [f"{name}: {fault}" for fault in _record(installation, polls[name])]
        tally.surprises += _mirrored(installation, polls)
        installation.processes.check_alive()
    summary = _summary(tally, reports)
    line = json.dumps(summary, ensure_ascii=False, sort_keys=True)
    (folder / "summary.json").write_text(line, "utf-8")
    print(line, flush=True)
    for surprise in tally.surprises:
        say(f"not as expected: {surprise}")
    return 0 if not tally.surprises else 1


def _publish(installation: Installation, draft: Path) -> str:
    if ISSUERS == 1:
        return installation.publish_draft(draft)
    faulty = 2 * THRESHOLD - ISSUERS - 1
    return installation.publish_together(draft, threshold=THRESHOLD, faulty=faulty)


def _everybody_votes(installation: Installation, polls: dict[str, str]) -> Tally:
    tally, trust = Tally(), parse_trust(installation.trust_file.read_bytes())
    with httpx.Client(timeout=30) as http:
        for number, person in enumerate(RESIDENTS):
            if ISSUERS > 1 and number == len(RESIDENTS) // 2:
                say("issuer-1 goes down")
                installation.processes.stop("issuer-1")
            resident = Resident(http, trust, person.id)
            for name in POLLS:
                poll = resident.read_poll(polls[name])
                _one_vote(tally, resident, name, poll, number, person.expected[POLLS[name]])
    if ISSUERS > 1:
        installation.restart("issuer-1")
    return tally


def _one_vote(tally: Tally, resident: Resident, name: str, poll: Poll, number: int, expected: str) -> None:
    answers = [choose(poll.manifest, number)]
    if poll.manifest.revoting and number % 3 == 0:
        answers.append(choose(poll.manifest, number + 1))
    tally.manifests[name] = poll.manifest
    if expected != "eligible":
        tally.expected_refusals[expected] += 1
    try:
        tally.receipts[name] += resident.vote(poll, *answers)
        outcome = "eligible"
        tally.counted[name].append(encode_answers(poll.manifest, answers[-1]))
    except Refused as refused:
        outcome = refused.slug
        tally.refusals[outcome] += 1
    if outcome != expected:
        tally.surprises.append(f"resident {number} in {name}: {outcome} where {expected} is due")
    say(f"resident {number:>2} in {name}: {outcome}")


def choose(manifest: Manifest, number: int) -> Answers:
    """The answers of resident `number`: different ones for different residents, the same in every run."""
    answers = {}
    for shift, question in enumerate(manifest.questions):
        abstains = question.abstention and number % 7 == 6
        answers[question.id] = () if abstains else _choose_one(question, number + shift)
    return answers


def _choose_one(question: Question, number: int) -> Answer:
    options = [option.id for option in question.options]
    if question.kind == "score":
        values = question.max - question.min + 1
        return tuple(question.min + (number + place) % values for place, _ in enumerate(options))
    wanted = question.min + number % (question.max - question.min + 1)
    ranked = [options[(number + step) % len(options)] for step in range(wanted)]
    return tuple(ranked if question.kind == "ranking" else sorted(ranked, key=options.index))


def _audit(
    installation: Installation, poll_id: str, receipts: list[Receipt], closes_at: datetime
) -> dict[str, Any]:
    deadline = max(closes_at, datetime.now(UTC)) + timedelta(seconds=CLOSING_SECONDS)
    argv = ["veche-audit", "verify", f"{installation.url('box')}/polls/{poll_id}"]
    argv += ["--trust", str(installation.trust_file), "--client", "--json"]
    for number, receipt in enumerate(receipts):
        path = installation.folder / f"receipt-{poll_id[:8]}-{number}.json"
        path.write_bytes(receipt_file(receipt))
        argv += ["--receipt", str(path)]
    while True:
        done = installation.attempt(*argv)
        report: dict[str, Any] = json.loads(done.stdout)
        if done.returncode != 2 or datetime.now(UTC) > deadline:
            return report
        time.sleep(1)


def receipt_file(receipt: Receipt) -> bytes:
    """A receipt as the client saves it."""
    return canonical_json(
        {
            "format": "veche/receipt/v1",
            "leaf_hash": receipt.leaf_hash.hex(),
            "poll_id": receipt.poll.poll_id.hex(),
            "receipt": b64u(receipt.signature),
        }
    )


def _record(installation: Installation, poll_id: str) -> list[str]:
    """What is wrong with the record zip that the box writes: nothing, when two are equal and verify."""
    first, second = (installation.folder / f"record-{poll_id[:8]}-{number}.zip" for number in (1, 2))
    for path in (first, second):
        installation.run("veche-box", "record", poll_id, str(path))
    trust = ("--trust", str(installation.trust_file))
    verified = installation.attempt("veche-audit", "verify", str(first), *trust)
    faults = ["two record zips differ"] if first.read_bytes() != second.read_bytes() else []
    return faults + (["the record zip does not verify"] if verified.returncode else [])


def _mirrored(installation: Installation, polls: dict[str, str]) -> list[str]:
    """What is wrong with the exported files, when a plain web server shows them under another address."""
    folder, host = installation.folder / "mirror", "127.0.0.1"
    installation.run("veche-box", "export", str(folder))
    port = str(free_port(host))
    server = [command("python"), "-m", "http.server", port, "--bind", host, "--directory", str(folder)]
    installation.processes.start("mirror", server, {})
    box = f"http://{host}:{port}/{record_path(installation.url('box'))}"
    installation.processes.wait_until_ready("mirror", f"{box}{TRUST_PATH}")
    trust = ("--trust", str(installation.trust_file))
    return [
        f"{name}: the mirror does not verify"
        for name, poll_id in polls.items()
        if installation.attempt("veche-audit", "verify", f"{box}/polls/{poll_id}", *trust).returncode
    ]


def _summary(tally: Tally, reports: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ballots = sum(map(len, tally.receipts.values()))
    issued = 0
    failing = []
    for name, report in reports.items():
        failing += [f"{name}: {check['id']}" for check in report["checks"] if check["status"] == "FAIL"]
        if report["verdict"] == "inconclusive":
            failing += [f"{name}: inconclusive"]
        for check in report["checks"]:
            if check["id"] == "issuance" and check["status"] == "PASS":
                issued += int(check["detail"].removeprefix("issued ").partition(",")[0])
        _compare(tally, name, report)
    if failing:
        tally.surprises.append(f"audit: {', '.join(failing)}")
    if tally.refusals != tally.expected_refusals:
        tally.surprises.append("other refusals than expected")
    voters = sum(map(len, tally.counted.values()))
    if issued != voters:
        tally.surprises.append(f"{issued} tokens in the first issuer's logs, {voters} voters")
    return {
        "residents": len(RESIDENTS),
        "refusals": dict(tally.refusals),
        "tokens": issued,
        "ballots": ballots,
        "result": {
            name: report["result"] and report["result"]["questions"] for name, report in reports.items()
        },
        "audit": failing or "verified",
    }


def _compare(tally: Tally, name: str, report: dict[str, Any]) -> None:
    expected = count_answers(tally.manifests[name], tally.counted[name])
    questions = [question_members(question) for question in expected.questions]
    result = report["result"] or {}
    if (result.get("ballots"), result.get("questions")) != (expected.ballots, questions):
        tally.surprises.append(f"the count of {name} is not what was voted")


def say(line: str) -> None:
    """Tell the progress on standard error."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
