"""`veche-audit explain`: what the bytes of a ballot are, and how to check them without this program."""

import shlex
from pathlib import Path

import click

from auditor.commands.inputs import Usage, file_bytes
from auditor.explanation import commands, fields_of
from shared.ballot import Ballot, MalformedBallot, decode_ballot
from shared.manifest import ManifestInvalid, parse_manifest

SHOWN_BYTES = 24


@click.command()
@click.argument("ballot", type=click.Path(path_type=Path))
@click.option("--manifest", type=click.Path(path_type=Path), help="manifest.json: then the commands follow.")
@click.option("--commands-only", is_flag=True, help="Only the commands, to be run by a shell.")
def explain(
    ballot: Path,
    manifest: Path | None,
    commands_only: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Explain the ballot in a file, one entry of the poll log, byte by byte."""
    data = file_bytes(ballot)
    try:
        decoded = decode_ballot(data)
    except MalformedBallot as error:
        raise Usage(f"{ballot}: no ballot: {error}") from None
    if not commands_only:
        _print_fields(data, decoded)
    if manifest is not None:
        for line in commands(decoded, shlex.quote(str(ballot)), _token_keys(decoded, manifest)):
            click.echo(line)


def _print_fields(data: bytes, ballot: Ballot) -> None:
    click.echo("offset  bytes  field")
    for field in fields_of(ballot):
        part = data[field.offset : field.offset + field.size]
        shown = part[:SHOWN_BYTES].hex() + ("..." if len(part) > SHOWN_BYTES else "")
        if field.name == "answers":
            shown = ascii(part.rstrip(b" ").decode("utf-8", "replace"))
        click.echo(f"{field.offset:>6}  {field.size:>5}  {field.name:<20} {shown}\n{'':<15}{field.meaning}")


def _token_keys(ballot: Ballot, manifest: Path) -> tuple[str, ...]:
    try:
        poll = parse_manifest(file_bytes(manifest))
    except ManifestInvalid as error:
        raise Usage(f"{manifest}: {error}") from None
    if poll.poll_id != ballot.poll_id:
        raise Usage("the ballot is of another poll than the manifest")
    if any(token.issuer >= len(poll.manifest.issuers) for token in ballot.tokens):
        raise Usage("the ballot names an issuer that the manifest does not")
    return tuple(issuer.token_key for issuer in poll.manifest.issuers)
