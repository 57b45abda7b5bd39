"""`veche-issuer poll`: publication, alone or together with other issuers, and statements on a poll."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from issuer.cli import EXIT_NOT_DELIVERED
from issuer.commands.inputs import opened, trust_root, with_settings
from issuer.custody import SecretUnreadable
from issuer.draft import DraftInvalid, read_draft
from issuer.hsm import HsmUnavailable
from issuer.joint import JointPublisher, ProposalInvalid, parse_proposal
from issuer.keys import KeysMissing
from issuer.publication import BoxRefused, NotDelivered, Publisher
from issuer.settings import Settings
from issuer.statements import SaidOtherwise, SignaturesMissing, Speaker
from shared.clock import system_clock
from shared.db import connect
from shared.durable import write_durably
from shared.log.signer import LogRolledBack
from shared.manifest import ManifestInvalid
from shared.outgoing import http_client
from shared.publication import ManifestSignaturesInvalid
from shared.statements import KINDS, Kind, StatementInvalid, parse_statement
from shared.trust import NotTrusted


@click.group()
def poll() -> None:
    """Polls."""


@poll.command()
@click.argument("draft", type=click.Path(path_type=Path))
@with_settings
def publish(settings: Settings, draft: Path) -> None:
    """Publish the poll of a draft (`-`: standard input); the same draft again repeats the publication."""
    with _joint(settings) as joint, _told():
        poll_id = joint.publisher.publish(read_draft(draft), system_clock()).poll_id.hex()
    _published(poll_id, settings.client)


@poll.command()
@click.argument("draft", type=click.Path(path_type=Path))
@click.argument("proposal", type=click.Path(path_type=Path))
@click.option("--issuer", "issuers", multiple=True, required=True, help="URL of an issuer; repeat, in order.")
@click.option("--threshold", required=True, type=click.IntRange(1, 16), help="Tokens a ballot needs.")
@click.option("--faulty", required=True, type=click.IntRange(0, 15), help="Corrupt issuers to be borne.")
@with_settings
def propose(
    settings: Settings, draft: Path, proposal: Path, issuers: tuple[str, ...], threshold: int, faulty: int
) -> None:
    """Begin a poll of several issuers: writes PROPOSAL, which goes from one to the other."""
    with _joint(settings) as joint, _told():
        made = joint.propose(read_draft(draft), issuers, threshold, faulty)
    write_durably(proposal, made.to_bytes())
    click.echo(f"next: contribute-key at {', '.join(made.missing)}")


@poll.command("contribute-key")
@click.argument("proposal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def contribute_key(settings: Settings, proposal: Path) -> None:
    """Add this issuer's fresh keys to PROPOSAL."""
    with _joint(settings) as joint, _told():
        made = joint.contribute(parse_proposal(proposal.read_bytes()))
    write_durably(proposal, made.to_bytes())
    click.echo(
        f"next: contribute-key at {', '.join(made.missing)}" if made.missing else "next: sign, by each"
    )


@poll.command()
@click.argument("proposal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def sign(settings: Settings, proposal: Path) -> None:
    """Sign the manifest of PROPOSAL, once every issuer has contributed its keys."""
    with _joint(settings) as joint, _told():
        made = joint.sign(parse_proposal(proposal.read_bytes()))
    write_durably(proposal, made.to_bytes())
    left = len(made.issuers) - len(made.signatures)
    click.echo(f"next: sign by {left} more" if left else "next: deliver, by any of them")


@poll.command()
@click.argument("proposal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def deliver(settings: Settings, proposal: Path) -> None:
    """Bring PROPOSAL, signed by every issuer, to the ballot box."""
    with _joint(settings) as joint, _told():
        poll_id = joint.deliver(parse_proposal(proposal.read_bytes()), system_clock()).poll_id.hex()
    _published(poll_id, settings.client)


@poll.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("statement", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask: the text was read before.")
@with_settings
def countersign(settings: Settings, kind: Kind, statement: Path, *, yes: bool) -> None:
    """Sign the STATEMENT of another issuer's office and, when enough have signed, bring it to the ballot box.

    Every issuer is to do so: it stops giving out ballots of a cancelled poll when it has the statement.
    """
    with _speaker(settings) as speaker, _told():
        said = parse_statement(kind, statement.read_bytes())
        poll = speaker.poll_of(said)
        click.echo(f"{kind} of «{poll.manifest.title['ru']}»: {said.text.get('ru', '')}")
        if not yes:
            click.confirm("Sign it?", abort=True)
        signed = speaker.countersign(said)
        write_durably(statement, signed.encoded)
        try:
            speaker.deliver(poll, signed)
        except SignaturesMissing:
            left = poll.manifest.threshold - len(signed.signatures)
            click.echo(f"next: countersign by {left} more")
        else:
            click.echo("delivered; countersign by the other issuers too")


def _published(poll_id: str, client: str) -> None:
    click.echo(poll_id)
    click.echo(f"{client}/?poll={poll_id}")


@contextmanager
def _joint(settings: Settings) -> Iterator[JointPublisher]:
    with http_client() as http:
        keys, trust = opened(settings), trust_root(settings)
        yield JointPublisher(Publisher(settings, connect(settings.database), keys, trust, http))


@contextmanager
def _speaker(settings: Settings) -> Iterator[Speaker]:
    with http_client() as http:
        yield Speaker(connect(settings.database), opened(settings), settings.url, http)


@contextmanager
def _told() -> Iterator[None]:
    """What can go wrong in a publication, in words for the operator."""
    try:
        yield
    except (DraftInvalid, ProposalInvalid) as error:
        raise click.ClickException(str(error)) from None
    except (StatementInvalid, SaidOtherwise) as error:
        reason = str(error) or "another statement of this kind was made before"
        raise click.ClickException(f"not published: {reason}") from None
    except (ManifestInvalid, ManifestSignaturesInvalid, NotTrusted, BoxRefused, LogRolledBack) as error:
        raise click.ClickException(f"not published: {error}") from None
    except (KeysMissing, SecretUnreadable, HsmUnavailable) as error:
        raise click.ClickException(f"not published: {error}") from None
    except NotDelivered as error:
        click.echo(f"Not yet delivered: {error}. Repeat the same command.", err=True)
        raise SystemExit(EXIT_NOT_DELIVERED) from None
