"""What the rules of the ballot box stand on, wired once per process."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app
from sqlalchemy import Engine

from ballot_box.listing import Listing
from ballot_box.settings import Settings
from ballot_box.state import State
from shared.clock import Clock
from shared.db import connect
from shared.encoding import b64u
from shared.log.witnesses import Policy, Witnesses
from shared.outgoing import http_client
from shared.refusals import StorageFull
from shared.trust import TrustedBox, TrustInvalid, TrustRoot, parse_trust

EXTENSION = "veche"


@dataclass(frozen=True, slots=True)
class Services:
    """What the rules of one process stand on."""

    settings: Settings
    engine: Engine
    state: State
    clock: Clock
    trust: TrustRoot
    witnesses: Witnesses
    listing: Listing = field(default_factory=Listing)

    def check_accepting(self) -> None:
        """Raises BoxReadOnly, and StorageFull before what was acknowledged could be at risk."""
        self.state.check_writable()
        folders = {self.settings.state}
        if self.engine.dialect.name == "sqlite" and self.engine.url.database:
            folders.add(Path(self.engine.url.database).parent)
        if any(shutil.disk_usage(folder).free < self.settings.reserve for folder in folders):
            raise StorageFull


def open_services(settings: Settings, clock: Clock) -> Services:
    """Wire the services of an initialised box.

    Raises KeysMissing before `init`, OSError and TrustInvalid on a trust root that is not there or names
    another box.
    """
    state = State(settings.state)
    own = TrustedBox(
        catalogue_key=str(state.catalogue_key(settings.url)),
        statement_key=b64u(state.statement_key()),
        url=settings.url,
    )
    trust = parse_trust(settings.trust.read_bytes())
    if trust.ballot_box != own:
        raise TrustInvalid("names another ballot box than this one")
    policy = Policy(settings.witnesses, settings.quorum, settings.patience)
    witnesses = Witnesses(policy, http_client(), clock)
    return Services(settings, connect(settings.database), state, clock, trust, witnesses)


def services() -> Services:
    """The services of the application that handles the current request."""
    return cast(Services, current_app.extensions[EXTENSION])
