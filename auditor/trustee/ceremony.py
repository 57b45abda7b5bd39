"""The making of a sealed poll's key: the public part for its draft, one printable sheet for every trustee."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from auditor.trustee.shares import split
from crypto import hpke
from shared.encoding import b64u
from shared.manifest import Sealing

SHEET: Final = "share-{}.html"
_NETWORK: Final = Path("/sys/class/net")


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What a ceremony gave: the `sealing` of the poll's draft, and a share for each of its trustees."""

    sealing: Sealing
    shares: tuple[str, ...]


def hold(threshold: int, trustees: Sequence[str]) -> Ceremony:
    """Make a key pair; of the private key only the shares are left. Raises ValueError on wrong numbers."""
    private_key = hpke.generate_private_key()
    sealing = Sealing(
        custodian="trustees",
        public_key=b64u(hpke.public_key_of(private_key)),
        suite=hpke.SUITE,
        threshold=threshold,
        trustees=tuple(trustees),
    )
    return Ceremony(sealing, split(private_key, threshold, len(trustees)))


def sheets(ceremony: Ceremony, *, rehearsal: bool) -> Iterator[tuple[str, str]]:
    """File name and page of every trustee's sheet. `rehearsal` is said on it."""
    environment = Environment(
        loader=PackageLoader("auditor"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template, sealing = environment.get_template("sheet.html"), ceremony.sealing
    for number, (trustee, share) in enumerate(zip(sealing.trustees, ceremony.shares, strict=True), 1):
        yield (
            SHEET.format(number),
            template.render(
                trustee=trustee,
                number=number,
                trustees=len(sealing.trustees),
                threshold=sealing.threshold,
                words=share.split(),
                fingerprint=sealing.fingerprint,
                rehearsal=rehearsal,
            ),
        )


def networks_up() -> list[str]:
    """The network interfaces of this machine that are up, as far as the system tells (Linux does)."""
    states = {path.parent.name: path.read_text("ascii").strip() for path in _NETWORK.glob("*/operstate")}
    return sorted(name for name, state in states.items() if state == "up")
