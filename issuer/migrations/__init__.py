"""Changes of the database, run from code by `veche-issuer init`."""

from functools import partial

from shared import migrations

upgrade = partial(migrations.upgrade, package=__name__)
check_version = partial(migrations.check_version, package=__name__)
