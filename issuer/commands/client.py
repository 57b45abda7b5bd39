"""`veche-issuer client`: releases of the web client (docs/protocol.md 3.11), and how its files are served."""

from pathlib import Path

import click
import httpx

from issuer.cli import EXIT_NOT_DELIVERED
from issuer.commands.inputs import opened, trust_root, with_settings
from issuer.publication import says_later
from issuer.settings import Settings
from issuer.statements import TIMEOUT
from shared.client_release import Release, ReleaseInvalid, differences, parse_release, verify_release
from shared.durable import write_durably
from shared.outgoing import http_client
from shared.web.client_site import headers_file, nginx_lines

_SITE = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def client() -> None:
    """The web client: its releases, and the headers it is served with."""


@client.command("sign")
@click.argument("site", type=_SITE)
@click.argument("release", type=_FILE)
@click.option("--version", required=True, help="The tag of the sources that SITE was built from.")
@with_settings
def sign(settings: Settings, site: Path, release: Path, version: str) -> None:
    """Sign the client built in SITE into the file RELEASE.

    A RELEASE that another issuer signed is signed, too, if it names the same files: build SITE yourself.
    """
    trust = trust_root(settings)
    try:
        own = Release.of(site, client=trust.client, version=version)
        signed = (_same(release, own) if release.exists() else own).signed(opened(settings).statement_seed())
    except (ReleaseInvalid, OSError) as error:
        raise click.ClickException(f"not signed: {error}") from None
    write_durably(release, signed.encoded)
    click.echo(signed.release_id.hex())
    try:
        verify_release(trust, signed)
    except ReleaseInvalid as short:
        click.echo(f"next: client sign by another issuer ({short})")
    else:
        click.echo("next: client deliver, then serve these files")


@client.command("deliver")
@click.argument("release", type=_FILE)
@with_settings
def deliver(settings: Settings, release: Path) -> None:
    """Bring RELEASE to the ballot box, which enters it in the catalogue; may be repeated."""
    try:
        made = parse_release(release.read_bytes())
        verify_release(trust_root(settings), made)
    except (ReleaseInvalid, OSError) as error:
        raise click.ClickException(f"not delivered: {error}") from None
    url = f"{settings.box}/client-releases/{made.release_id.hex()}"
    headers = {"Content-Type": "application/json"}
    try:
        with http_client() as http:
            answer = http.put(url, content=made.encoded, headers=headers, timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise _not_yet(type(error).__name__) from None
    if says_later(answer.status_code):
        raise _not_yet(f"the ballot box answers {answer.status_code}")
    if answer.status_code not in (200, 201):
        raise click.ClickException(f"not delivered: the ballot box answers {answer.status_code}")
    click.echo(made.release_id.hex())


@client.command("headers")
@click.option("--nginx", is_flag=True, help="For a server block of nginx, instead of a file _headers.")
@with_settings
def headers(settings: Settings, *, nginx: bool) -> None:
    """Print the headers that the client's files are to be served with."""
    for line in (nginx_lines if nginx else headers_file)(trust_root(settings)):
        click.echo(line)


def _not_yet(reason: str) -> SystemExit:
    click.echo(f"Not yet delivered: {reason}. Repeat the same command.", err=True)
    return SystemExit(EXIT_NOT_DELIVERED)


def _same(file: Path, own: Release) -> Release:
    """The release in a file, which is our own. Raises ReleaseInvalid, OSError."""
    there = parse_release(file.read_bytes())
    if other := differences(there, own.files):
        raise ReleaseInvalid(f"this build has other files: {', '.join(other)}")
    if there.body != own.body:
        raise ReleaseInvalid(f"it is version {there.version} for {there.client}")
    return there
