"""What happens to a resident on the way: a reload, no connection, a closed tab."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request, Route

from tests.e2e.booth import Booth, until

KILLS = ("reload", "offline", "closed")


@dataclass
class Accident:
    """One resident's way in a poll, and the accident that happens to it at every step."""

    booth: Booth
    poll: str
    kill: str
    """One of KILLS."""
    bodies: dict[str, list[bytes]] = field(default_factory=dict)
    """What was posted to the poll's services, by the last part of the path."""

    def __post_init__(self) -> None:
        self._watch(self.booth.page)

    def strikes(self, state: str, resume: Callable[[], None] = lambda: None) -> None:
        """On a page in this state; `resume` leads back to it from the poll's page."""
        self._end_the_page(resume)
        self.booth.see(state)

    def strikes_outside(self) -> None:
        """On a page of the sign-in, from which a closed tab leads back to the beginning."""
        if self.kill == "reload":
            self.booth.page.reload()
        elif self.kill == "closed":
            self._close()
            self.booth.press(self.booth.words.vote)

    def strikes_the_answer(self, url: str, act: Callable[[], None], resume: Callable[[], None]) -> None:
        """After the server has the request that `act` makes, before the page has the answer."""
        page, held = self.booth.page, list[int]()

        def hold(route: Route) -> None:
            if held or route.request.method != "POST":
                route.continue_()
                return
            held.append(route.fetch().status)
            if self.kill == "offline":
                route.abort()

        page.route(url, hold)
        act()
        until(page, lambda: held)
        assert held == [200]
        if self.kill == "offline":
            self.booth.see("connection-lost")
        self._end_the_page(resume)
        if self.kill == "offline" and not url.endswith("/ballots"):  # a ballot leaves by itself
            self.booth.press(self.booth.words.again)

    def _end_the_page(self, resume: Callable[[], None]) -> None:
        context = self.booth.page.context
        match self.kill:
            case "reload":
                self.booth.page.reload()
            case "closed":
                self._close()
                resume()
            case "offline":
                context.set_offline(offline=True)
                context.set_offline(offline=False)

    def _close(self) -> None:
        before = self.booth.page
        self.booth.page = before.context.new_page()
        self._watch(self.booth.page)
        before.close()
        self.booth.open_poll(self.poll)

    def _watch(self, page: Page) -> None:
        page.on("request", self._posted)

    def _posted(self, request: Request) -> None:
        if request.method == "POST" and f"/polls/{self.poll}/" in request.url:
            sent = self.bodies.setdefault(request.url.rpartition("/")[2], [])
            sent.append(request.post_data_buffer or b"")
