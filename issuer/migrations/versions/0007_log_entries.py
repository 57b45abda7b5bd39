"""Log entries: waiting by their leaf hash, then by their index."""

from shared.log.migration import part_entries

revision = "0007"
down_revision = "0006"

upgrade = part_entries
