"""axe-core on the page as it is: no violation of WCAG 2.2 A and AA."""

from functools import cache

from playwright.sync_api import Page

from tests.programs.installation import REPOSITORY

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
    page.evaluate(_source())
    found: list[str] = page.evaluate(RUN)
    return found
