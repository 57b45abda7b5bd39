"""How the client's static files are to be served, docs/protocol.md 3.11: the headers, for any web server."""

from collections.abc import Iterator, Mapping
from typing import Final

from shared.trust import TrustRoot
from shared.web.headers import IMMUTABLE, REVALIDATED, SECURITY_HEADERS, STRICT_TRANSPORT

HASHED: Final = "/assets/"
"""Below it every file's name holds the hash of its content."""


def client_headers(trust: TrustRoot) -> Mapping[str, str]:
    """The headers of every file: only the client's own code runs, and it reaches only the services."""
    always = {**SECURITY_HEADERS, "Content-Security-Policy": _policy(trust)}
    if trust.client.startswith("https://"):
        always["Strict-Transport-Security"] = STRICT_TRANSPORT
    return always


def caching(path: str) -> str:
    """The Cache-Control of a path that begins with a slash."""
    return IMMUTABLE if path.startswith(HASHED) else REVALIDATED


def nginx_lines(trust: TrustRoot) -> Iterator[str]:
    """The headers as an nginx file, to be included in a `server` block."""
    for location in ("/", HASHED):
        yield f"location {location} {{"
        for name, value in {**client_headers(trust), "Cache-Control": caching(location)}.items():
            yield f'    add_header {name} "{value}" always;'
        yield "}"


def headers_file(trust: TrustRoot) -> Iterator[str]:
    """The headers as the file `_headers` that many static hosts read."""
    yield "/*"
    for name, value in client_headers(trust).items():
        yield f"  {name}: {value}"
    yield f"  Cache-Control: {REVALIDATED}"
    yield from (f"{HASHED}*", "  ! Cache-Control", f"  Cache-Control: {IMMUTABLE}")


def _policy(trust: TrustRoot) -> str:
    services = dict.fromkeys([trust.ballot_box.url, *(issuer.url for issuer in trust.issuers)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"worker-src 'self'; connect-src 'self' {' '.join(services)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
