"""`python -m issuer.esia_stand.register DIR`: prepare the stand's directory and a demo client's key."""

from pathlib import Path

import click

from issuer.esia_stand.clients import SCOPES, RedirectPrefix, save_client
from issuer.esia_stand.keys import prepare_keys, rotate_keys, write_gost_pair

CLIENT_ID = "VECHE22"
REDIRECT = "http://127.0.0.3/"


def register(
    state: Path, client_id: str = CLIENT_ID, *, redirects: tuple[str, ...] = (REDIRECT,), name: str = "client"
) -> None:
    """Make the stand's keys, and `<name>.key.pem` and `<name>.cert.der` of a client; what is there stays.

    Raises ValueError for a redirect prefix that is none.
    """
    for redirect in redirects:
        RedirectPrefix.parse(redirect)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    prepare_keys(state)
    key, certificate = state / f"{name}.key.pem", state / f"{name}.cert.der"
    if not key.exists():
        write_gost_pair(key, certificate, client_id)
    save_client(state, client_id, certificate=certificate.name, redirects=redirects, scopes=SCOPES)


@click.command()
@click.argument("state", type=click.Path(file_okay=False, path_type=Path))
@click.option("--client-id", default=CLIENT_ID, show_default=True, help="The system's mnemonic.")
@click.option("--redirect", default=(REDIRECT,), show_default=True, multiple=True, help="Allowed prefix.")
@click.option("--name", default="client", show_default=True, help="Stem of the client's files.")
@click.option("--rotate", is_flag=True, help="Replace the stand's signing keys, keep the old certificates.")
def main(*, state: Path, client_id: str, redirect: tuple[str, ...], name: str, rotate: bool) -> None:
    """Prepare DIR for the ESIA stand and register a client in it."""
    try:
        register(state, client_id, redirects=redirect, name=name)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if rotate:
        rotate_keys(state)


if __name__ == "__main__":
    main()
