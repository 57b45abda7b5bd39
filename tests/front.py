"""A box over HTTP, in this process."""

import threading
from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from ballot_box.app import create_app
from tests.ballot_box.box import Box


class Front:
    """The address of a box, behind which its operator puts it, or a copy of it."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.server: BaseWSGIServer = make_server("127.0.0.1", 0, self, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert self.app is not None
        return self.app(environ, start_response)

    def show(self, box: Box) -> None:
        self.app = create_app(box.settings, box.watch)

    def stop(self) -> None:
        self.server.shutdown()
