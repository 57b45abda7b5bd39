"""Serve the built client as a static site on an origin of its own, with the headers production gives it."""

import os
from pathlib import Path

from flask import Flask, Response, send_from_directory

from shared.trust import TrustRoot, parse_trust


def content_policy(trust: TrustRoot) -> str:
    """The client's Content-Security-Policy: itself, and connections to the trust root's services alone."""
    services = " ".join([trust.ballot_box.url, *(issuer.url for issuer in trust.issuers)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {services}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def create_app(site: Path, trust_file: Path) -> Flask:
    """The client's files, and the pinned trust root beside them at /trust.json."""
    app = Flask(__name__, static_folder=None)
    policy = content_policy(parse_trust(trust_file.read_bytes()))

    @app.get("/", defaults={"name": "index.html"})
    @app.get("/<path:name>")
    def file(name: str) -> Response:
        return send_from_directory(site, name)

    @app.get("/trust.json")
    def trust() -> Response:
        return send_from_directory(trust_file.parent, trust_file.name, mimetype="application/json")

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    return app


def app() -> Flask:
    """The WSGI application, from VECHE_CLIENT_SITE and VECHE_CLIENT_TRUST (granian --factory)."""
    return create_app(Path(os.environ["VECHE_CLIENT_SITE"]), Path(os.environ["VECHE_CLIENT_TRUST"]))
