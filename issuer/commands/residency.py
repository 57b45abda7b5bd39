"""`veche-issuer residency`: the table from addresses to municipalities."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from issuer.residency.build import CsvInvalid, build
from issuer.residency.gar import Imported, import_gar
from issuer.residency.gar_files import GarInvalid
from issuer.residency.table import Entry, ResidencyTable, TableInvalid
from shared.refusals import AddressNotRecognised
from shared.territory import UnknownTerritory, municipality_of, name_of

_TABLE = click.Path(dir_okay=False, path_type=Path)
_BASES = {
    "list": "from a list",
    "hierarchy": "from the municipal hierarchy",
    "parameter": "from the parameter OKTMO",
    "last-known": "as last known: the address has ended, and nothing replaced it",
}


@click.group()
def residency() -> None:
    """The table from addresses to municipalities. Services read a new one at once."""


@residency.command("build")
@click.argument("csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("table", type=_TABLE)
def build_table(csv: Path, table: Path) -> None:
    """Build the residency TABLE from a CSV with the columns fias_guid, oktmo, successor."""
    try:
        click.echo(build(csv, table))
    except CsvInvalid as error:
        raise click.ClickException(f"{csv}: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{table}: {error.strerror}") from None


@residency.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("table", type=_TABLE)
@click.option("--smaller", is_flag=True, help="Take it even if it has far fewer addresses than the old one.")
def import_table(folder: Path, table: Path, *, smaller: bool) -> None:
    """Build the residency TABLE from FOLDER, the region's part of the address register GAR (XML)."""
    try:
        _report(import_gar(folder, table, smaller=smaller))
    except GarInvalid as error:
        raise click.ClickException(f"{error}. The old table stands.") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}. The old table stands.") from None


@residency.command()
@click.argument("guid")
@click.option("--table", type=_TABLE, envvar="VECHE_ISSUER_RESIDENCY", required=True)
def check(guid: str, table: Path) -> None:
    """Explain how the address GUID leads to its municipality.

    "-" reads the GUID from standard input, where no history of commands keeps it.
    """
    try:
        wanted = UUID(sys.stdin.readline().strip() if guid == "-" else guid)
        opened = ResidencyTable.open(table)
        path, oktmo = opened.path_of(wanted)
    except ValueError:
        raise click.ClickException("this is no GUID") from None
    except TableInvalid as error:
        raise click.ClickException(str(error)) from None
    except AddressNotRecognised:
        raise click.ClickException("the table does not have this address: it is not recognised") from None
    for entry in path:
        click.echo(_explain(entry))
    click.echo(_place(oktmo))
    click.echo(f"Table of {opened.date}, {opened.source}.")


def _report(imported: Imported) -> None:
    click.echo(
        f"{imported.addresses} addresses of {imported.date}, {imported.replaced} of them replaced by others; "
        f"{imported.nowhere} without a municipality are left out."
    )
    for code, count in sorted(imported.unknown.items()):
        click.echo(f"No municipality of the region has the code {code}: {count} addresses.", err=True)


def _explain(entry: Entry) -> str:
    if entry.successor is not None:
        return f"{entry.guid} was replaced by {entry.successor}"
    basis = f"from {entry.above} above it" if entry.basis == "above" else _BASES[entry.basis or "list"]
    return f"{entry.guid} has OKTMO {entry.oktmo}, {basis}"


def _place(oktmo: str) -> str:
    try:
        code = municipality_of(oktmo)
        return f"{code} is {name_of(code, datetime.now(UTC).date())}"
    except UnknownTerritory:
        return f"{oktmo[:5]}000 is no municipality of the region today"
