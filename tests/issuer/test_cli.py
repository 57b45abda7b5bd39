"""The command `veche-issuer`: what an operator sees."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import httpx
import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from issuer import store
from issuer.cli import EXIT_NOT_DELIVERED, main
from issuer.keys import VoterPseudonym
from issuer.store import Issuance
from shared.client_release import parse_release, verify_release
from shared.db import read, write
from shared.encoding import b64u, canonical_json, format_time
from shared.trust import parse_trust
from tests.issuer.office import ADDRESSES, CLIENT_URL, Office, blinded_message, draft_yaml, sample_draft
from tests.programs.processes import free_port

HOST = "127.0.0.4"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.yaml"
    path.write_bytes(draft_yaml())
    return path


@pytest.fixture
def box_port() -> int:
    return free_port(HOST)


@pytest.fixture
def office(tmp_path: Path, box_port: int) -> Office:
    """An office whose box does not listen."""
    return Office(tmp_path, changes={"box": f"http://{HOST}:{box_port}"})


@pytest.fixture
def reachable(office: Office, box_port: int) -> Iterator[Office]:
    """An office whose box listens."""

    @Request.application
    def serve(request: Request) -> Response:
        answer = office.box(httpx.Request(request.method, request.url, content=request.get_data()))
        return Response(answer.content, answer.status_code, content_type="application/json")

    server = make_server(HOST, box_port, serve)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield office
    server.shutdown()
    thread.join()


def run(office: Office, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=office.environment())


def test_init_may_be_repeated_and_keeps_the_key(office: Office) -> None:
    key = office.keys.statement_key()
    assert [run(office, "init").exit_code for _ in range(2)] == [0, 0]
    assert office.keys.statement_key() == key


def test_the_trust_entry_names_the_issuer(office: Office) -> None:
    entry = json.loads(run(office, "trust-entry").output)
    assert entry == {
        "name": "Регистратор",
        "statement_key": b64u(office.keys.statement_key()),
        "url": office.settings.url,
    }


def test_before_init_there_is_no_trust_entry(office: Office) -> None:
    (office.settings.state / "statement.current").unlink()
    result = run(office, "trust-entry")
    assert result.exit_code == 1
    assert "run veche-issuer init" in result.output


def test_publishing_prints_the_poll_and_where_to_vote(reachable: Office, draft: Path) -> None:
    results = [run(reachable, "poll", "publish", str(draft)) for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 0]
    (poll_id,) = reachable.box.polls
    assert results[0].output == results[1].output == f"{poll_id}\n{CLIENT_URL}/?poll={poll_id}\n"


def test_an_absent_box_means_not_yet_delivered(office: Office, draft: Path) -> None:
    result = run(office, "poll", "publish", str(draft))
    assert result.exit_code == EXIT_NOT_DELIVERED
    assert "Not yet delivered" in result.output
    assert "Repeat the same command" in result.output


def test_a_faulty_draft_names_its_field(office: Office, draft: Path) -> None:
    draft.write_bytes(draft_yaml(minimum_age=5))
    result = run(office, "poll", "publish", str(draft))
    assert result.exit_code == 1
    assert "minimum_age: Input should be greater than or equal to 14" in result.output


def test_a_refusal_of_the_box_is_shown(reachable: Office, draft: Path) -> None:
    reachable.box.refuse = 422
    result = run(reachable, "poll", "publish", str(draft))
    assert result.exit_code == 1
    assert "manifest-refused" in result.output


def test_a_missing_setting_is_named(office: Office) -> None:
    environment = {f"VECHE_ISSUER_{name.upper()}": None for name in office.members()}
    result = CliRunner().invoke(main, ["init"], env=environment)
    assert result.exit_code == 1
    assert "url: Field required" in result.output


def test_a_residency_table_is_built_and_counted(office: Office) -> None:
    result = run(office, "residency", "build", str(ADDRESSES), str(office.settings.residency))
    assert result.exit_code == 0
    assert int(result.output) == len(ADDRESSES.read_text("utf-8").splitlines()) - 1


def test_a_faulty_residency_csv_names_its_line(office: Office, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.csv"
    faulty.write_text("fias_guid,oktmo,successor\nx,01701000,\n", "utf-8")
    result = run(office, "residency", "build", str(faulty), str(office.settings.residency))
    assert result.exit_code == 1
    assert "line 2" in result.output
    assert not office.settings.residency.exists()


def test_without_a_trust_root_nothing_is_served(office: Office) -> None:
    office.settings.trust.unlink()
    result = run(office, "serve", "--host", "127.0.0.3", "--port", "1")
    assert result.exit_code == 1
    assert "trust.json: No such file" in result.output


def test_init_makes_a_key_encryption_key_only_when_asked(office: Office) -> None:
    kek = office.settings.kek_file
    assert kek is not None
    kek.unlink()
    refused = run(office, "init")
    assert (refused.exit_code, kek.exists()) == (1, False)
    assert "init --make-kek" in refused.output
    assert run(office, "init", "--make-kek").exit_code == 1  # the keys lie under the one that is gone
    assert kek.exists()


def test_keys_are_listed_with_their_end_and_what_they_lie_under(office: Office) -> None:
    poll = office.publish()
    lines = run(office, "keys", "list").output.splitlines()
    rows = {name: (until, kid) for name, until, kid in (line.split("\t") for line in lines)}
    folder = f"polls/{poll.poll_id.hex()}"
    assert rows[f"{folder}/token.der"][0] == "until 2026-11-23T13:00:00Z"
    assert rows[f"{folder}/pseudonym.key"][0] == "until 2026-12-03T13:00:00Z"
    assert {kid for _, kid in rows.values()} == {office.keys.custody.kid}


def test_a_key_that_is_needed_is_not_destroyed(office: Office) -> None:
    poll = office.publish(sample_draft(closes_at="2099-01-01T00:00:00Z"))
    for name in office.keys.names():
        assert run(office, "keys", "destroy", name).exit_code == 1
    token_key = f"polls/{poll.poll_id.hex()}/token.der"
    assert "--end-issuance" in run(office, "keys", "destroy", token_key).output
    unsigned = Issuance(VoterPseudonym(bytes(32)), bytes(32), blinded_message(poll), None)
    with write(office.engine) as conn:
        store.add_issuances(conn, poll.poll_id, [unsigned])
    assert run(office, "keys", "destroy", "--end-issuance", token_key).exit_code == 0
    with read(office.engine) as conn:
        assert store.unsigned_issuances(conn, poll.poll_id) == []
    assert not office.keys.has_token_key(poll.poll_id)


def test_the_keys_of_a_draft_that_was_given_up_are_destroyed(office: Office) -> None:
    office.keys.make(bytes(32), 2048)
    name = f"drafts/{'00' * 32}/token.der"
    assert run(office, "keys", "destroy", name).exit_code == 0
    assert not [name for name in office.keys.names() if name.startswith("drafts")]


def test_keys_are_wrapped_anew_under_the_first_of_two_keys(office: Office) -> None:
    office.publish()
    kek = office.settings.kek_file
    assert kek is not None
    kek.write_text(b64u(bytes(32)) + "\n" + kek.read_text())
    assert len(run(office, "keys", "rewrap").output.splitlines()) == len(office.keys.names())
    kek.write_text(b64u(bytes(32)))
    assert run(office, "trust-entry").exit_code == 0
    assert run(office, "keys", "rewrap").output == ""


def test_a_new_statement_key_is_used_when_the_trust_root_names_it(office: Office) -> None:
    before = office.keys.statement_key()
    entry = json.loads(run(office, "keys", "rotate").output.splitlines()[-1])
    assert office.keys.statement_key() == before
    trust = json.loads(office.settings.trust.read_bytes())
    trust["issuers"].append(entry)
    office.settings.trust.write_bytes(canonical_json(trust))
    assert run(office, "keys", "rotate").output == f"in use: {entry['statement_key']}\n"
    assert b64u(office.keys.statement_key()) == entry["statement_key"]


def test_the_archive_refuses_before_its_time_and_does_its_work_after(office: Office) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    young = office.publish(sample_draft(closes_at=format_time(now + timedelta(hours=1))))
    refused = run(office, "archive", young.poll_id.hex())
    assert refused.exit_code == 1
    assert "kept for disputes until" in refused.output
    opened = format_time(now - timedelta(days=3))
    old = office.publish(
        sample_draft(
            issuance_opens_at=opened,
            opens_at=opened,
            closes_at=format_time(now - timedelta(days=2)),
            dispute_days=1,
        )
    )
    for _ in range(2):
        assert run(office, "archive", old.poll_id.hex()).output.endswith("archived\n")
    assert [name for name in office.keys.names() if old.poll_id.hex() in name] == [
        f"polls/{old.poll_id.hex()}/log.key"
    ]
    assert run(office, "archive", "00" * 32).exit_code == 1


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built client."""
    (tmp_path / "site" / "assets").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_bytes(b"page")
    (tmp_path / "site" / "assets" / "a.js").write_bytes(b"code")
    return tmp_path / "site"


def test_a_client_is_signed_by_the_statement_key_and_brought_to_the_box(
    reachable: Office, site: Path, tmp_path: Path
) -> None:
    file = tmp_path / "release.json"
    signed = [run(reachable, "client", "sign", str(site), str(file), "--version", "1.0") for _ in range(2)]
    release = parse_release(file.read_bytes())
    assert [result.output.split()[0] for result in signed] == [release.release_id.hex()] * 2
    assert set(release.files) == {"index.html", "assets/a.js"}
    verify_release(parse_trust(reachable.settings.trust.read_bytes()), release)
    delivered = run(reachable, "client", "deliver", str(file))
    assert delivered.output == f"{release.release_id.hex()}\n"
    assert reachable.box.said == {release.release_id.hex(): file.read_bytes()}
    reachable.box.refuse = 422
    assert "answers 422" in run(reachable, "client", "deliver", str(file)).output


def test_another_issuers_release_of_other_files_is_not_signed(
    office: Office, site: Path, tmp_path: Path
) -> None:
    file = tmp_path / "release.json"
    run(office, "client", "sign", str(site), str(file), "--version", "1.0")
    kept = file.read_bytes()
    (site / "assets" / "a.js").write_bytes(b"other code")
    result = run(office, "client", "sign", str(site), str(file), "--version", "1.0")
    assert result.exit_code == 1
    assert "other files: assets/a.js" in result.output
    assert file.read_bytes() == kept


def test_a_release_for_an_absent_box_is_not_yet_delivered(office: Office, site: Path, tmp_path: Path) -> None:
    file = tmp_path / "release.json"
    run(office, "client", "sign", str(site), str(file), "--version", "1.0")
    assert run(office, "client", "deliver", str(file)).exit_code == EXIT_NOT_DELIVERED


def test_the_headers_of_the_client_are_printed_for_web_servers(office: Office) -> None:
    plain, nginx = (run(office, "client", "headers", *option).output for option in ((), ("--nginx",)))
    assert "Content-Security-Policy: default-src 'none'" in plain
    assert "add_header Content-Security-Policy" in nginx
