"""`veche-box record` and `veche-box export`: what the box serves, as files."""

from pathlib import Path

import click

from ballot_box.commands.box import box_opened
from ballot_box.export import export
from ballot_box.record import IssuerSilent, NotOver, write_record
from ballot_box.routes.answers import read_poll_id
from shared.refusals import PollUnknown


@click.command("record")
@click.argument("poll_id")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def record(poll_id: str, target: Path) -> None:
    """Write the record zip of the poll POLL_ID, which is over, to TARGET; the same bytes every time."""
    box = box_opened()
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            write_record(box, read_poll_id(poll_id), out)
        part.replace(target)
    except PollUnknown:
        raise click.ClickException(f"no poll {poll_id} here") from None
    except NotOver:
        raise click.ClickException("the poll has no result yet; try again when it is over") from None
    except (IssuerSilent, OSError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        part.unlink(missing_ok=True)


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export_files(folder: Path) -> None:
    """Write all public files under FOLDER as any web server can show them; may be repeated at any time.

    FOLDER/<host> is what this box serves; the logs of the issuers stand beside it.
    """
    try:
        click.echo(f"{export(box_opened(), folder)} files written")
    except (IssuerSilent, OSError) as error:
        raise click.ClickException(str(error)) from None
