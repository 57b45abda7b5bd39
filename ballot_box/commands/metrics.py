"""`veche-box metrics`."""

from functools import partial

import click

from ballot_box.commands.box import box_opened
from ballot_box.gauges import gauges
from shared.stopping import told_to_stop
from shared.web.metrics import serve_metrics


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
def metrics(host: str, port: int) -> None:
    """Serve Prometheus metrics of all processes that share PROMETHEUS_MULTIPROC_DIR, not for the public."""
    serve_metrics(host, port, partial(gauges, box_opened()), told_to_stop())
