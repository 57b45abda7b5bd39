"""The client's audit of every case in Chromium: its own modules, its own way to fetch, real HTTP."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory
from playwright.sync_api import Browser

from shared.encoding import parse_canonical
from tests.frauds.catalogue import CASES
from tests.programs.record_site import served

CLIENT = Path(__file__).parents[2] / "client"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
AUDIT = "async ([record, files]) => (await import('/case.js')).auditServedCase(record, files)"


def in_chromium(browser: Browser, cases: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """What it finds, by case; `folder`: where its script is built."""
    build = [str(NODE), "node_modules/vite/bin/vite.js", "build", "--config", "interop/vite.config.ts"]
    environment = os.environ | {"CASE_DIR": str(folder)}
    subprocess.run(build, cwd=CLIENT, env=environment, check=True, capture_output=True)
    with served(_app(cases, folder)) as address:
        page = browser.new_page()
        page.goto(f"http://{address}/empty.html")
        found = {
            name: page.evaluate(AUDIT, [f"http://{address}/{name}/record", _files(cases / name)])
            for name in CASES
        }
        page.close()
    return found


def _app(cases: Path, folder: Path) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/case.js", "script", lambda: send_from_directory(folder, "case.js"))
    app.add_url_rule("/empty.html", "page", lambda: Response("", mimetype="text/html"))
    app.add_url_rule("/<path:name>", "file", lambda name: send_from_directory(cases, name))
    return app


def _files(case: Path) -> dict[str, Any]:
    trust = case / "trust.json"
    return {
        "expected": parse_canonical((case / "expected.json").read_bytes()),
        "trust": list(trust.read_bytes()) if trust.exists() else None,
        **{
            name: [list(path.read_bytes()) for path in sorted((case / name).iterdir())]
            for name in ("checkpoints", "receipts", "others")
        },
    }
