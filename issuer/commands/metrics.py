"""`veche-issuer metrics`."""

from functools import partial

import click

from issuer.commands.inputs import opened, with_settings
from issuer.gauges import gauges
from issuer.settings import Settings
from shared.clock import system_clock
from shared.db import connect
from shared.stopping import told_to_stop
from shared.web.metrics import serve_metrics


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@with_settings
def metrics(settings: Settings, host: str, port: int) -> None:
    """Serve Prometheus metrics of all processes that share PROMETHEUS_MULTIPROC_DIR, not for the public."""
    measured = partial(gauges, settings, connect(settings.database), opened(settings), system_clock)
    serve_metrics(host, port, measured, told_to_stop())
