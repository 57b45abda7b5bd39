"""The witness over HTTP, on the standard library: `POST /add-checkpoint`, `GET /<origin hash>/checkpoint`."""

import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from auditor.witness.cosigner import Cosigner
from auditor.witness.refusals import TEXT, Refused
from auditor.witness.submission import MAX_BODY_SIZE
from shared.clock import Clock

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile("[0-9]+")
_DIGITS: Final = 9
_TIMEOUT_SECONDS: Final = 30


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], cosigner: Cosigner, clock: Clock) -> None:
        super().__init__(address, _Handler)
        self.cosigner, self.clock = cosigner, clock

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Tell of an exception its class alone, and of somebody who hung up nothing: no address is logged."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            print(f"a request failed: {type(error).__name__}", file=sys.stderr)  # noqa: T201


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "veche-witness", ""
    timeout = _TIMEOUT_SECONDS

    def do_POST(self) -> None:
        try:
            body = self._body()
            if self.path != "/add-checkpoint":
                raise Refused(404, "no such path")
            now = int(self.server.clock().timestamp())
            line = self.server.cosigner.add_checkpoint(body, now)
        except Refused as refused:
            self._answer(refused.status, refused.body.encode(), refused.content_type)
        else:
            self._answer(200, line.encode(), TEXT)

    def do_GET(self) -> None:
        match = _CHECKPOINT.fullmatch(self.path)
        note = match and self.server.cosigner.latest(match[1])
        if note:
            self._answer(200, note, TEXT)
        else:
            self._answer(404, b"no such checkpoint\n", TEXT)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests are not logged."""

    def _body(self) -> bytes:
        length = self.headers.get("content-length", "")
        known = _LENGTH.fullmatch(length)
        if known is None or len(length) > _DIGITS or int(length) > MAX_BODY_SIZE:
            self.close_connection = True
            raise Refused(413 if known else 411, "a body of a stated, small length is due")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            self.close_connection = True
            raise Refused(400, "the body is cut short")
        return body

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
