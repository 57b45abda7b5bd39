"""What an application of the issuer holds, wired once in `issuer.app`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    import httpx
    from sqlalchemy import Engine

    from issuer.esia.client import EsiaClient
    from issuer.issuance import TokenDesk
    from issuer.keys import KeyStore
    from issuer.residency.table import ResidencyTable
    from issuer.settings import Settings
    from shared.clock import Clock
    from shared.trust import TrustRoot

EXTENSION = "veche"


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes of one application stand on."""

    settings: Settings
    engine: Engine
    keys: KeyStore
    clock: Clock
    esia: EsiaClient
    admin_esia: EsiaClient
    """The same registration, with the address to which officials come back."""
    check_esia: EsiaClient
    """And with the one to which residents come back from a self-check."""
    box_http: httpx.Client
    residency: ResidencyTable
    desk: TokenDesk
    trust: TrustRoot


def services() -> Services:
    """The services of the application that handles the current request."""
    return cast(Services, current_app.extensions[EXTENSION])
