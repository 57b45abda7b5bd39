"""Both services do what their OpenAPI documents say, and these name all that the client uses."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.programs.installation import Installation

CLIENT: Final = Path(__file__).parents[3] / "client" / "src"
SERVICES: Final = ("box", "issuer")
REFUSALS: Final = (400, 401, 404, 405, 406, 409, 413, 415, 422, 428, 429)
"""Of a request that is not as the document says; one that is also too large may be told that first (413)."""
EXAMPLES: Final = os.environ.get("VECHE_API_EXAMPLES", "15")
RANDOMNESS: Final = () if "VECHE_API_EXAMPLES" in os.environ else ("--generation-deterministic",)
"""The same requests every time, unless more are wanted."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """An installation with one open poll, and the id of that poll."""
    now = datetime.now(UTC)
    with Installation(tmp_path_factory.mktemp("api")) as made:
        yield (
            made,
            made.publish("barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + timedelta(hours=2)),
        )


def document(town: Installation, service: str) -> dict[str, Any]:
    made: dict[str, Any] = httpx.get(town.url(service) + "/openapi.json").raise_for_status().json()
    return made


@pytest.mark.parametrize("service", SERVICES)
def test_schemathesis_finds_nothing(town: tuple[Installation, str], service: str, tmp_path: Path) -> None:
    installation, poll_id = town
    manifest = httpx.get(f"{installation.url('box')}/polls/{poll_id}/manifest.json").json()
    log = manifest["ballot_box"] if service == "box" else manifest["issuers"][0]
    log_id = log["log_url"].rpartition("/")[2]
    config = tmp_path / "schemathesis.toml"
    known = f'[parameters]\n"path.poll_id" = "{poll_id}"\n"path.log_id" = "{log_id}"\n'
    refusals = f"[checks.negative_data_rejection]\nexpected-statuses = {list(REFUSALS)}\n"
    config.write_text(known + refusals, "utf-8")
    # A body of the right form is still refused when it is not signed or not true to the protocol: the check
    # that every such body is accepted cannot hold here.
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
            *(f"{installation.url(service)}/openapi.json", "--no-color", "--continue-on-failure"),
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance", "--max-examples", EXAMPLES),
            *("--request-timeout", "120", "--suppress-health-check", "all"),
            *RANDOMNESS,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_the_documents_name_all_that_the_client_calls(town: tuple[Installation, str]) -> None:
    paths = {path for service in SERVICES for path in document(town[0], service)["paths"]}
    called = called_by_the_client()
    assert len(called) > 9
    assert called <= {re.sub(r"\{\w+\}", "{}", path) for path in paths}


def called_by_the_client() -> set[str]:
    """The paths in the client's sources, `{}` for each parameter."""
    text = "\n".join(source.read_text("utf-8") for source in sorted(CLIENT.rglob("*.ts")))
    text = text.replace("${base}", "${poll.box.url}/polls/${id}")
    urls = re.findall(r"`\$\{[^}]*(?:url|\.url)\}(/(?:polls|oauth)[^`?]*)", text)
    return {re.sub(r"\$\{[^}]*\}", "{}", url) for url in urls}


@pytest.mark.parametrize("service", SERVICES)
def test_the_readable_page_shows_every_operation_of_the_document(
    town: tuple[Installation, str], service: str
) -> None:
    page = httpx.get(town[0].url(service) + "/api").raise_for_status().text
    operations = document(town[0], service)["paths"]
    assert operations
    for path, methods in operations.items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_of_the_document_leads_to_a_schema(
    town: tuple[Installation, str], service: str
) -> None:
    made = document(town[0], service)
    references = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(made)))
    assert references
    assert references <= set(made["components"]["schemas"])


@pytest.mark.parametrize("service", SERVICES)
def test_a_method_that_is_not_there_is_refused_with_those_that_are(
    town: tuple[Installation, str], service: str
) -> None:
    answer = httpx.delete(town[0].url(service) + "/.well-known/veche-trust.json")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
