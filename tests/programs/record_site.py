"""The client and a record folder (docs/protocol.md 9.1) for a browser, as if the services were up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.serving import make_server

from auditor.source import Folder, NotThere
from shared.record import MAX_FILE_SIZE
from shared.trust import parse_trust
from shared.web.headers import allow_any_origin
from tests.programs import client_host

SITE = Path(__file__).parents[2] / "client" / "dist"


@dataclass(frozen=True)
class RecordSite:
    """`client`: where the client is. `flag`: with which Chromium finds the services of the record."""

    client: str
    flag: str


@contextmanager
def record_site(record: Path, trust_file: Path) -> Iterator[RecordSite]:
    """Serve a record and a client that trusts `trust_file`, on two free ports of loopback."""
    trust = parse_trust(trust_file.read_bytes())
    services = {urlsplit(url).netloc for url in (trust.ballot_box.url, *(one.url for one in trust.issuers))}
    with served(_record_app(record)) as box, served(client_host.create_app(SITE, trust_file)) as client:
        rules = ",".join(f"MAP {service} {box}" for service in sorted(services))
        yield RecordSite(f"http://{client}", f"--host-resolver-rules={rules}")


def _record_app(record: Path) -> Flask:
    app = Flask(__name__, static_folder=None)
    fetch = Folder(record)()

    @app.get("/<path:path>")
    def file(path: str) -> Response:
        try:
            return Response(fetch(f"http://{request.host}/{path}", MAX_FILE_SIZE))
        except NotThere:
            return Response(status=404)

    app.after_request(allow_any_origin)
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An application on a free port of loopback; host and port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
