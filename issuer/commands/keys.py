"""`veche-issuer keys` and `veche-issuer archive`."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath

import click
from sqlalchemy import Engine

from issuer import store
from issuer.archive import archive_due
from issuer.commands.inputs import opened, trust_root, with_settings
from issuer.custody import SecretUnreadable, kid_of
from issuer.hsm import HsmUnavailable
from issuer.issuance import TokenDesk
from issuer.keys import LOG_KEY, OFFICIALS_KEY, PSEUDONYM_KEY, TOKEN_KEY, KeysMissing, KeyStore
from issuer.polls import known_poll
from issuer.rewrapping import rewrap
from issuer.rotation import StillNeeded, destroy_statement_key, rotate
from issuer.settings import Settings
from issuer.worker import Worker
from shared.clock import system_clock
from shared.db import Busy, connect, read
from shared.encoding import EncodingRefused, b64u, canonical_json, format_time, from_hex
from shared.manifest import Poll
from shared.refusals import PollUnknown


@click.group()
def keys() -> None:
    """Keys at rest."""


@keys.command("list")
@with_settings
def list_keys(settings: Settings) -> None:
    """Tell every key, until when it is kept, and under which key-encryption key it lies."""
    held = opened(settings)
    with read(connect(settings.database)) as conn:
        polls = {poll.poll_id.hex(): poll for poll in store.all_polls(conn)}
    for name in held.names():
        kid = kid_of((held.state / name).read_bytes()) or "NOT WRAPPED"
        click.echo(f"{name}\t{_until(held, name, polls)}\t{kid}")


@keys.command("rewrap")
@with_settings
def rewrap_keys(settings: Settings) -> None:
    """Wrap every key under the first key-encryption key, plain ones too. Stop serve and worker before."""
    try:
        for name in rewrap(opened(settings)):
            click.echo(name)
    except SecretUnreadable as error:
        raise click.ClickException(str(error)) from None


@keys.command("rotate")
@with_settings
def rotate_key(settings: Settings) -> None:
    """Make a new statement key; given again when trust.json names it last, put it to use."""
    held = opened(settings)
    try:
        public, used = rotate(held, trust_root(settings), settings.url)
    except KeysMissing as error:
        raise click.ClickException(f"{error} is not there; run veche-issuer init") from None
    if used:
        click.echo(f"in use: {b64u(public)}")
        return
    click.echo(
        "Add this to the issuers of trust.json, after the present entry, at the ballot box, the client and"
    )
    click.echo("here, in this order; then give the same command again.")
    click.echo(canonical_json({"name": settings.name, "statement_key": b64u(public), "url": settings.url}))


@keys.command("destroy")
@click.argument("name")
@click.option("--end-issuance", is_flag=True, help="Destroy the token key of a poll that still gives tokens.")
@with_settings
def destroy_key(settings: Settings, name: str, end_issuance: bool) -> None:  # noqa: FBT001
    """Destroy the key of this NAME (see `keys list`), or the keys of a draft."""
    held, engine = opened(settings), connect(settings.database)
    if name not in held.names():
        raise click.ClickException(f"there is no key {name}")
    try:
        _destroy(held, engine, settings, PurePosixPath(name), end_issuance=end_issuance)
    except (StillNeeded, HsmUnavailable) as error:
        raise click.ClickException(f"not destroyed: {error}") from None
    click.echo(f"destroyed: {name}")


@click.command()
@click.argument("poll_id")
@with_settings
def archive(settings: Settings, poll_id: str) -> None:
    """Destroy what links persons to a poll whose dispute period is over; the worker does it by itself."""
    held, engine, now = opened(settings), connect(settings.database), system_clock()
    try:
        with read(engine) as conn:
            poll = known_poll(conn, from_hex(poll_id, size=32))
    except (EncodingRefused, PollUnknown):
        raise click.ClickException("there is no such poll") from None
    if now < archive_due(poll):
        raise click.ClickException(f"not archived: kept for disputes until {format_time(archive_due(poll))}")
    worker = Worker(settings, engine, held, system_clock)
    try:
        worker.tend(poll, now)
    except Busy:
        raise click.ClickException("the database is being read; give the same command again") from None
    worker.back_up()
    click.echo("archived")


def _until(held: KeyStore, name: str, polls: Mapping[str, Poll]) -> str:
    path = PurePosixPath(name)
    if path.parts[0] == "statement":
        return "in use" if path.stem == held.statement_key().hex() else "until its polls are archived"
    if path.parts[0] == OFFICIALS_KEY:
        return "stays"
    if path.parts[0] != "polls" or path.parts[1] not in polls:
        return "draft, until it is published"
    poll = polls[path.parts[1]]
    until: dict[str, datetime] = {TOKEN_KEY: poll.manifest.closes_at, PSEUDONYM_KEY: archive_due(poll)}
    return f"until {format_time(until[path.name])}" if path.name in until else "stays"


def _destroy(
    held: KeyStore, engine: Engine, settings: Settings, name: PurePosixPath, *, end_issuance: bool
) -> None:
    """Raises StillNeeded."""
    with read(engine) as conn:
        polls = {poll.poll_id.hex(): poll for poll in store.all_polls(conn)}
        unarchived = store.unarchived(conn)
    if str(name) == OFFICIALS_KEY:
        raise StillNeeded("officials are known by it")
    kind, folder = name.parts[0], name.parts[1]
    if kind == "statement":
        destroy_statement_key(held, bytes.fromhex(name.stem), unarchived, settings.url)
    elif kind == "drafts":
        held.destroy_draft(bytes.fromhex(folder))
    elif name.name == LOG_KEY:
        raise StillNeeded("the issuance log is signed with it")
    elif name.name == PSEUDONYM_KEY:
        raise StillNeeded("veche-issuer archive destroys it, with all that it could open")
    elif folder in polls and system_clock() < polls[folder].manifest.closes_at and not end_issuance:
        raise StillNeeded("the poll gives tokens; with --end-issuance it gives no more")
    else:
        _end_issuance(held, engine, settings, polls.get(folder))
        held.destroy_token_key(bytes.fromhex(folder))


def _end_issuance(held: KeyStore, engine: Engine, settings: Settings, poll: Poll | None) -> None:
    """Who was promised a signature gets it before the key is gone."""
    if poll is not None:
        TokenDesk(engine, held, system_clock, settings.url).complete(poll)
