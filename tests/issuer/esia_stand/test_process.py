"""The stand as its own process, over real HTTP, set up by its own command."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from issuer.esia.client import EsiaClient, EsiaSettings, esia_transport
from issuer.esia.errors import EsiaRefused
from issuer.esia.signer import signer_from_key
from issuer.esia_stand.residents import RESIDENTS
from tests.issuer.esia_stand.desk import Desk, verification_keys
from tests.programs.processes import Processes, free_port

HOST = "127.0.0.2"
REDIRECT = "http://127.0.0.9:4321/esia/"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory made by the command."""
    state = tmp_path_factory.mktemp("stand")
    argv = ["-m", "issuer.esia_stand.register", str(state), "--client-id", "VILLAGE", "--redirect", REDIRECT]
    subprocess.run([sys.executable, *argv], check=True, stdin=subprocess.DEVNULL)
    return state


def start(processes: Processes, state: Path, algorithm: str) -> str:
    port = free_port(HOST)
    argv = [sys.executable, "-m", "issuer.esia_stand", "--host", HOST, "--port", str(port)]
    processes.start("stand", [*argv, "--state", str(state), "--algorithm", algorithm], {})
    processes.wait_until_ready("stand", f"http://{HOST}:{port}/")
    return f"http://{HOST}:{port}"


class RemoteDesk(Desk):
    """A client of a stand in another process."""

    def __init__(self, state: Path, url: str) -> None:
        self.state, self.verifier = state, "v" * 43
        self.http = httpx.Client(trust_env=False)
        settings = EsiaSettings(
            base_url=url,
            client_id="VILLAGE",
            redirect_uri=f"{REDIRECT}callback",
            certificate=(state / "client.cert.der").read_bytes(),
            sign=signer_from_key((state / "client.key.pem").read_bytes()),
            verification_keys=verification_keys(state),
        )
        self.url, self.client = url, EsiaClient(settings, esia_transport())


@pytest.mark.parametrize("algorithm", ["RS256", "GOST3410_2012_256"])
def test_a_sign_in_goes_all_the_way_and_leaves_nothing_in_the_log(
    processes: Processes, state: Path, algorithm: str
) -> None:
    desk = RemoteDesk(state, start(processes, state, algorithm))
    resident = RESIDENTS[0]
    code = sign_in(desk, resident.id)
    tokens = desk.client.exchange(code, desk.verifier)
    person = desk.client.person(tokens)
    assert (person.oid, person.snils) == (resident.oid, "00000060119")
    with pytest.raises(EsiaRefused, match="ESIA-007011"):
        desk.client.exchange(code, desk.verifier)
    processes.stop_all()
    log = processes.log("stand").read_text("utf-8")
    secrets = [resident.name, resident.name.split(" ")[0], resident.snils, "00000060119", str(resident.oid)]
    secrets += [str(resident.birth_date), code, tokens.access_token, "VILLAGE", "/aas/", "/rs/", resident.id]
    assert "granian" in log
    assert not [secret for secret in secrets if secret in log]


def sign_in(desk: RemoteDesk, resident: str) -> str:
    """Through the page to the code, as a browser would."""
    page = desk.http.get(desk.client.authorization_url(uuid4(), desk.verifier))
    name = page.text.partition('name="page" value="')[2].partition('"')[0]
    done = desk.http.post(f"{desk.url}/login", data={"page": name, "resident": resident})
    target = urlsplit(done.headers["Location"])
    assert target.netloc == "127.0.0.9:4321"
    return dict(pair.split("=", 1) for pair in target.query.split("&"))["code"]


def test_the_command_keeps_keys_and_rotates_them_on_demand(tmp_path: Path) -> None:
    def register(*options: str) -> dict[str, bytes]:
        argv = ["-m", "issuer.esia_stand.register", str(tmp_path / "state"), *options]
        subprocess.run([sys.executable, *argv], check=True, stdin=subprocess.DEVNULL)
        return {path.name: path.read_bytes() for path in (tmp_path / "state").iterdir()}

    first, second = register(), register()
    assert first == second
    rotated = register("--rotate")
    assert rotated["client.cert.der"] == first["client.cert.der"]
    assert rotated["previous.esia.gost.cert.der"] == first["esia.gost.cert.der"]
    assert rotated["esia.gost.cert.der"] != first["esia.gost.cert.der"]
    for name in ("client.key.pem", "esia.rsa.key.pem", "esia.gost.key.pem"):
        assert (tmp_path / "state" / name).stat().st_mode & 0o777 == 0o600


def test_a_prefix_that_is_none_is_refused(tmp_path: Path) -> None:
    argv = ["-m", "issuer.esia_stand.register", str(tmp_path), "--redirect", "127.0.0.3"]
    done = subprocess.run([sys.executable, *argv], check=False, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert b"redirect prefix" in done.stderr
