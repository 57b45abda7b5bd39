"""axe-core on the page as it is: no violation of WCAG 2.2 A and AA."""

from functools import cache

from playwright.sync_api import Page

from tests.programs.installation import REPOSITORY

AXE = REPOSITORY / "client" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async (rule) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const only = rule === null ? {type: "tag", values: tags} : {type: "rule", values: [rule]};
  const found = await axe.run(document, {runOnly: only});
  return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", "));
}"""


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page, rule: str | None = None) -> list[str]:
    """What axe-core finds, a line each; of one rule, or of all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(RUN, rule)
    return found
