"""The client as it is built and served: the same bytes every time, nothing inline, nothing from elsewhere."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.web.client_site import caching, client_headers, headers_file, nginx_lines
from tests.programs.client_host import create_app
from tests.programs.installation import REPOSITORY
from tests.simulator import open_election

CLIENT = REPOSITORY / "client"
PARTS = ("src", "public", "build", "index.html", "vite.config.ts", "package.json", "tsconfig.json")


def build(folder: Path, zone: str) -> dict[str, bytes]:
    """The client, built from a copy of its sources in a folder, in a time zone: bytes by path."""
    folder.mkdir(parents=True)
    for name in PARTS:
        copy = shutil.copytree if (CLIENT / name).is_dir() else shutil.copy
        copy(CLIENT / name, folder / name)
    (folder / "node_modules").symlink_to(CLIENT / "node_modules")
    environment = {**os.environ, "TZ": zone, "LC_ALL": "C"}
    subprocess.run(
        ["npm", "run", "--silent", "build"], cwd=folder, env=environment, check=True, capture_output=True
    )
    site = folder / "dist"
    return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The client, built in a folder with a long name."""
    if not (CLIENT / "node_modules" / ".installed").is_file():
        pytest.skip("the client's modules are not installed: `make test` installs them")
    return build(tmp_path_factory.mktemp("somewhere") / "with a longer name" / "client", "UTC")


def test_two_builds_in_two_folders_give_the_same_bytes(site: dict[str, bytes], tmp_path: Path) -> None:
    assert build(tmp_path / "b", "Asia/Barnaul") == site
    told = (str(REPOSITORY).encode(), b"longer name", b"node_modules")
    assert not [path for path, data in site.items() if any(text in data for text in told)]


def test_the_page_names_the_hash_of_all_that_it_loads_and_holds_no_code(site: dict[str, bytes]) -> None:
    page = site["index.html"].decode()
    held = r"(?:rel=\"(?:stylesheet|modulepreload)\"|data-(?:start|next|later|worker))"
    loading = rf"<script[^>]*>|<link[^>]*{held}[^>]*>"
    tags = re.findall(loading, page)
    assert len([tag for tag in tags if "data-later" in tag]) >= 3
    assert any("data-worker" in tag and "/worker-" in tag for tag in tags)
    for tag in tags:
        path, expected = (
            re.search(pattern, tag) for pattern in (r'(?:src|href)="\./([^"]+)"', r'integrity="([^"]+)"')
        )
        assert path is not None, tag
        assert expected is not None, tag
        hashed = base64.b64encode(hashlib.sha384(site[path[1]]).digest()).decode()
        assert expected[1] == f"sha384-{hashed}"
    assert re.findall(r"<script[^>]*>\s*[^<\s]", page) == []
    assert re.findall(r"<style|\son\w+=|style=|https?://", page) == []


def test_every_file_is_served_closed_to_others(site: dict[str, bytes], tmp_path: Path) -> None:
    trust = open_election().trust
    assert trust is not None
    (tmp_path / "trust.json").write_bytes(trust.to_bytes())
    http = create_app(CLIENT / "dist", tmp_path / "trust.json").test_client()
    for path in ("/", "/trust.json", "/icon.svg", "/none"):
        headers = http.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"].split() == ["'self'", trust.ballot_box.url, trust.issuers[0].url]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "Set-Cookie" not in headers
        assert headers["Cache-Control"] == caching(path) == "no-cache"
    assert "immutable" in caching("/assets/index.js")


def test_web_servers_get_the_same_headers_as_a_file() -> None:
    trust = open_election().trust
    assert trust is not None
    nginx, plain = "\n".join(nginx_lines(trust)), "\n".join(headers_file(trust))
    for name, value in client_headers(trust).items():
        assert nginx.count(f'    add_header {name} "{value}" always;') == 2
        assert f"  {name}: {value}\n" in plain
