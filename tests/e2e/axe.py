"""axe-core on the page as it is: no violation of WCAG 2.2 A and AA."""

from functools import cache

from playwright.sync_api import Page

from tests.programs.installation import REPOSITORY

SCHEMES = ("black", "white", "blue", "yellow")
"""Of the client's version for the visually impaired."""
SET = "([name, value]) => { document.documentElement.dataset[name] = value; }"
UNSET = "(name) => { delete document.documentElement.dataset[name]; }"
AXE = REPOSITORY / "client" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}});
  return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", "));
}"""


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(RUN)
    return found


def violations_in_every_colour(page: Page) -> list[str]:
    """What axe-core finds on a page of the client in both themes and every scheme."""
    found = violations(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [f"dark: {one}" for one in violations(page)]
    page.emulate_media(color_scheme="light")
    for scheme in SCHEMES:
        page.evaluate(SET, ["scheme", scheme])
        found += [f"{scheme}: {one}" for one in violations(page)]
    page.evaluate(UNSET, "scheme")
    return found
