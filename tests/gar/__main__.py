"""Write a made-up extract: `python -m tests.gar DIR ADDRESSES`."""

import sys
from pathlib import Path

from tests.gar.extract import made_up, write

folder, addresses = sys.argv[1:]
write(made_up(int(addresses)), Path(folder))
