"""What an application of the stand holds, wired once in `issuer.esia_stand.app`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from issuer.esia_stand.clients import Client
from issuer.esia_stand.keys import StandKeys
from issuer.esia_stand.sessions import Sessions
from issuer.esia_stand.settings import StandSettings
from shared.clock import Clock

EXTENSION = "esia-stand"


@dataclass(frozen=True, slots=True)
class Stand:
    """What the routes stand on."""

    settings: StandSettings
    clients: Mapping[str, Client]
    keys: StandKeys
    sessions: Sessions
    clock: Clock


def stand() -> Stand:
    """The stand that handles the current request."""
    return cast(Stand, current_app.extensions[EXTENSION])
