"""The municipalities of the region as a tree that a page can show."""

from dataclasses import dataclass
from datetime import datetime

from issuer.admin.words import say
from shared.clock import ALTAI
from shared.territory import Municipality, municipalities


@dataclass(frozen=True, slots=True)
class Branch:
    """Municipalities of one kind."""

    name: str
    municipalities: tuple[Municipality, ...]


def branches(now: datetime) -> tuple[Branch, ...]:
    """The municipalities that exist today, towns first, each kind by name."""
    today = now.astimezone(ALTAI).date()
    found = sorted(municipalities(today), key=lambda municipality: municipality.name)
    names = {
        "urban okrug": say("Городские округа", "Towns"),
        "municipal okrug": say("Муниципальные округа", "Municipal okrugs"),
        "district": say("Муниципальные районы", "Districts"),
    }
    return tuple(
        Branch(name, tuple(municipality for municipality in found if municipality.kind == kind))
        for kind, name in names.items()
    )
