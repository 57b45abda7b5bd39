"""Serve the built client as a static site on an origin of its own, compressed, with production's headers."""

import os
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

from shared.trust import parse_trust
from shared.web.client_site import caching, client_headers
from shared.web.compression import compressed


def create_app(site: Path, trust_file: Path) -> Flask:
    """The client's files; beside them the pinned trust root, and the policy on witnesses if there is one."""
    app = Flask(__name__, static_folder=None)
    always = client_headers(parse_trust(trust_file.read_bytes()))

    @app.get("/", defaults={"name": "index.html"})
    @app.get("/<path:name>")
    def file(name: str) -> Response:
        return send_from_directory(site, name)

    @app.get("/trust.json")
    def trust() -> Response:
        return send_from_directory(trust_file.parent, trust_file.name, mimetype="application/json")

    @app.get("/witness-policy.txt")
    def witnesses() -> Response:
        return send_from_directory(trust_file.parent, "witness-policy.txt")

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.update({**always, "Cache-Control": caching(request.path)})
        if response.status_code != HTTPStatus.OK or str(response.mimetype).startswith("font/"):
            return response
        response.direct_passthrough = False
        return compressed(response)

    return app


def app() -> Flask:
    """The WSGI application, from VECHE_CLIENT_SITE and VECHE_CLIENT_TRUST (granian --factory)."""
    return create_app(Path(os.environ["VECHE_CLIENT_SITE"]), Path(os.environ["VECHE_CLIENT_TRUST"]))
