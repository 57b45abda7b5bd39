"""Log entries: waiting by their leaf hash, then by their index."""

from shared.log.migration import part_entries

revision = "0005"
down_revision = "0004"

upgrade = part_entries
