"""`veche-box worker`."""

import click

from ballot_box.commands.box import box_opened, check_database
from ballot_box.worker import Worker
from shared.logs import configure_logs
from shared.stopping import told_to_stop


@click.command()
@click.option("--interval", default=1.0, type=click.FloatRange(0.05), help="Seconds between two passes.")
def worker(interval: float) -> None:
    """Sequence batches, close polls, publish checkpoints and results; one process at a time does it."""
    box, stopped = box_opened(), told_to_stop()
    check_database(box)
    configure_logs("ballot-box")
    Worker(box).run(stopped, interval)
