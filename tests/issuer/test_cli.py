"""The command `veche-issuer`: what an operator sees."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from issuer.cli import EXIT_NOT_DELIVERED, main
from shared.encoding import b64u
from tests.issuer.office import ADDRESSES, CLIENT_URL, Office, draft_yaml
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
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield office
    server.shutdown()
    thread.join()


def run(office: Office, *arguments: str) -> Result:
    environment = {f"VECHE_ISSUER_{name.upper()}": str(value) for name, value in office.members().items()}
    return CliRunner().invoke(main, arguments, env=environment)


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
    (office.settings.state / "statement.key").unlink()
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
