"""A witness over HTTP, in this process."""

import threading
from dataclasses import dataclass
from pathlib import Path

from auditor.witness.catalogue import Catalogue
from auditor.witness.cosigner import Cosigner
from auditor.witness.server import WitnessServer
from crypto.cosignature import WitnessKey
from crypto.signed_note import VerifierKey
from tests.watch import NOON


@dataclass
class RunningWitness:
    """A witness that serves, unless it is stopped."""

    folder: Path
    catalogue: Catalogue | None = None

    def __post_init__(self) -> None:
        self.cosigner = Cosigner(self.folder, "witness.example", {}, self.catalogue)
        self.server = WitnessServer(("127.0.0.1", 0), self.cosigner, lambda: NOON)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def key(self) -> WitnessKey:
        return self.cosigner.key

    @property
    def setting(self) -> str:
        return f"{self.key} http://127.0.0.1:{self.server.server_port}"

    def admit(self, *keys: VerifierKey) -> None:
        self.cosigner.logs |= {key.name: key for key in keys}

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
