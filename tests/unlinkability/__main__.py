"""`make unlinkability`: the figures for a SEED; docs/unlinkability.md has those of seed 1 (by `--docs`).

The last line is one JSON object, the same for the same SEED. What the real stores show stands above it: their
order is the operating system's lot, and no seed decides it.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.unlinkability.at_rest import box_rows, issuer_rows
from tests.unlinkability.views import Measured, curve, measure

DOCS: Final = Path(__file__).parents[2] / "docs"
PEOPLE: Final = 100
BEGIN: Final = "<!-- figures -->\n"


def table(measured: Sequence[Measured]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| who sees what | ballots go | strategy | linked | 95 % interval | guessing | computed bound |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in measured:
        low, high = one.linked.interval
        bound = "" if one.bound is None else f"{one.bound:.3%}"
        lines.append(
            f"| {one.view} | {one.sending} | {one.strategy} | {one.linked.success:.3%} | "
            f"{low:.3%} to {high:.3%} | {one.linked.chance:.3%} | {bound} |"
        )
    return "\n".join(lines) + "\n"


def picture(points: Sequence[tuple[float, float]]) -> str:
    """The curve as SVG: how often both operators are right, by the hours within which ballots go."""
    across, up = 60, 250
    places = [(across + 55 * number, up - 200 * success) for number, (_, success) in enumerate(points)]
    marks = "".join(
        f'<circle cx="{x}" cy="{y:.1f}" r="3"/>'
        f'<text x="{x}" y="{up + 20}" text-anchor="middle">{hours:g}</text>'
        f'<text x="{x}" y="{y - 8:.1f}" text-anchor="middle">{success:.1%}</text>'
        for (x, y), (hours, success) in zip(places, points, strict=True)
    )
    line = " ".join(f"{x},{y:.1f}" for x, y in places)
    width = across + 55 * len(points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 300" font-family="sans-serif"'
        ' font-size="11"><title>Ballots linked by both operators together</title>'
        f'<rect width="{width}" height="300" fill="white"/>'
        f'<polyline points="{line}" fill="none" stroke="#1a4f8b" stroke-width="2"/>{marks}'
        f'<text x="{across}" y="{up + 40}">hours within which a ballot goes at a random moment</text></svg>\n'
    )


def at_rest() -> Iterator[str]:
    """Of the real stores: how many pairs of rows on one page lie there in the order of arrival."""
    with TemporaryDirectory() as box, TemporaryDirectory() as issuer:
        rows = [*box_rows(Path(box), PEOPLE), *issuer_rows(Path(issuer), PEOPLE)]
    for row in rows:
        part, whole = row.together
        yield f"at rest, {row.table}: {part} of {whole} pairs of rows lie in the order of arrival"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the docs where that is asked for."""
    seed = int(os.environ.get("SEED", "1"))
    measured, points = list(measure(seed)), list(curve(seed))
    print(table(measured))
    for line in at_rest():
        print(line)
    if "--docs" in arguments:
        page = DOCS / "unlinkability.md"
        told, _, _ = page.read_text("utf-8").partition(BEGIN)
        page.write_text(told + BEGIN + table(measured), "utf-8")
        (DOCS / "images" / "unlinkability.svg").write_text(picture(points), "utf-8")
    figures = {
        "seed": seed,
        "measured": [one.members() for one in measured],
        "curve": points,
    }
    print(json.dumps(figures, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
