"""`veche-audit witness`: cosign the logs of a poll, as a C2SP witness does."""

from pathlib import Path

import click

from auditor.commands.inputs import Usage, trust_root
from auditor.witness.catalogue import Catalogue
from auditor.witness.cosigner import Busy, Cosigner
from auditor.witness.server import WitnessServer
from crypto.errors import CryptoError
from crypto.signed_note import VerifierKey
from shared.clock import system_clock


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", required=True, help="The witness's name, usually its address without https://.")
@click.option(
    "--log", "logs", multiple=True, help="Verifier key of a log to cosign. May be given several times."
)
@click.option(
    "--trust",
    "trust_file",
    type=click.Path(path_type=Path),
    help="Pinned trust.json: its catalogue is cosigned, and the logs of every poll in it.",
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65_535))
@click.option("--print-key", is_flag=True, help="Print the witness's verifier key and stop.")
def witness(
    folder: Path,
    name: str,
    logs: tuple[str, ...],
    trust_file: Path | None,
    host: str,
    port: int,
    print_key: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Run a witness that keeps its key and what it cosigned in FOLDER.

    The folder must never be put back from a backup: a witness that forgets is retired, not restored.
    """
    try:
        known = {key.name: key for key in map(VerifierKey.parse, logs)}
        catalogue = None if trust_file is None else Catalogue(trust_root(trust_file))
        cosigner = Cosigner(folder, name, known, catalogue)
    except (CryptoError, Busy, OSError) as error:
        raise Usage(str(error)) from None
    if print_key:
        click.echo(cosigner.key)
        return
    with WitnessServer((host, port), cosigner, system_clock) as server:
        click.echo(f"{cosigner.key}\nhttp://{host}:{server.server_port}")
        server.serve_forever()
