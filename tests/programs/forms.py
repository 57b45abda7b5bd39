"""Read the HTML forms of a page, as a browser without scripts would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """A form: where it posts to, and the fields it would send as it stands."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.forms = base, list[Form]()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self.base, given.get("action", ""))))
            self._inside = True
        elif self._inside and tag == "button" and "name" in given:
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))
        elif self._inside and tag == "input" and "name" in given and "disabled" not in given:
            kind = given.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.forms[-1].fields.append((given["name"], given.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def forms_of(page: str, base: str) -> list[Form]:
    """All forms of an HTML page that was loaded from the URL `base`."""
    parser = _Forms(base)
    parser.feed(page)
    return parser.forms
