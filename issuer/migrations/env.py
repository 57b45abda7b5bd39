"""Run by alembic: the connection and its transaction are the caller's."""

from alembic import context

import issuer.admin.tables
import issuer.oauth.tables
import issuer.self_check.tables  # noqa: F401 - all define their tables in the one metadata
from issuer.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
