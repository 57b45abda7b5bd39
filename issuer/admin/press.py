"""From an approved draft to a published poll, by the page or by the worker: never two polls."""

from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import ColumnElement, Connection, Engine, select, true

from issuer import store, tables
from issuer.admin import drafts, editor
from issuer.admin.drafts import PollDraft
from issuer.admin.officials import Official
from issuer.admin.refusals import NothingThere
from issuer.admin.tables import poll_draft
from issuer.draft import DraftInvalid
from issuer.hsm import HsmUnavailable
from issuer.keys import KeyStore
from issuer.publication import BoxRefused, NotDelivered, Publisher
from issuer.services import services
from issuer.settings import Settings
from shared.db import read, write
from shared.logs import log_failure
from shared.manifest import ManifestInvalid, Poll
from shared.territory import REGION
from shared.trust import NotTrusted, TrustRoot


@dataclass(frozen=True, slots=True)
class Press:
    """Publishes the drafts of one issuer."""

    settings: Settings
    engine: Engine
    keys: KeyStore
    trust: TrustRoot
    http: httpx.Client

    def publish(self, draft: PollDraft, now: datetime) -> None:
        """Publish a draft whose publication was ordered.

        If the box, or the module that is to hold the token key, does not answer, it stays ordered.
        """
        made = editor.check(draft.content, self.settings, now)
        if made.draft is None:
            self._refuse(draft, "; ".join(made.mistakes.values()), now)
            return
        publisher = Publisher(self.settings, self.engine, self.keys, self.trust, self.http)
        try:
            poll = publisher.publish(made.draft, now)
        except NotDelivered:
            return
        except HsmUnavailable as error:
            log_failure("hsm-unavailable", error)
            return
        except (BoxRefused, DraftInvalid, ManifestInvalid, NotTrusted) as error:
            self._refuse(draft, str(error), now)
            return
        with write(self.engine) as conn:
            other = drafts.of_poll(conn, poll.poll_id)
            if other is None:
                drafts.published(conn, draft, poll.poll_id, now)
            elif other.id != draft.id:
                note = "точно такое же голосование уже опубликовано"
                drafts.publication_refused(conn, draft, note, now)

    def finish(self, now: datetime) -> None:
        """Try again what was ordered and not delivered. One that breaks down does not hold up the others."""
        with read(self.engine) as conn:
            waiting = drafts.in_publication(conn)
        for draft in waiting:
            try:
                self.publish(draft, now)
            except Exception as error:
                log_failure("publication-failed", error)

    def listed(self, conn: Connection, official: Official, first: int, limit: int) -> list[Poll]:
        """So many of the official's published polls from this place on, the last to close first.

        Archived ones stand behind the others.
        """
        mine = _owned(conn, official)
        current = sorted(store.unarchived(conn, mine), key=lambda poll: poll.manifest.closes_at, reverse=True)
        page = current[first : first + limit]
        place = max(first - len(current), 0)
        return [*page, *store.archived(conn, mine, first=place, limit=limit - len(page))]

    def find(self, conn: Connection, official: Official, poll_id: bytes) -> Poll:
        """One of them. Raises NothingThere, OfficialNotAllowed."""
        poll = store.find_poll(conn, poll_id)
        if poll is None:
            raise NothingThere
        official.check_owns(_owner(conn, poll))
        return poll

    def _refuse(self, draft: PollDraft, note: str, now: datetime) -> None:
        with write(self.engine) as conn:
            drafts.publication_refused(conn, draft, note, now)


def press() -> Press:
    """The press of the application that handles the current request."""
    here = services()
    return Press(here.settings, here.engine, here.keys, here.trust, here.box_http)


def _owned(conn: Connection, official: Official) -> ColumnElement[bool]:
    """Of `tables.poll`: which are the official's, as `_owner` says.

    Only of polls without a draft, those of the command line, are the manifests read.
    """
    if official.is_operator:
        return true()
    poll_id = tables.poll.c.poll_id
    drafted = select(poll_draft.c.poll_id).where(poll_draft.c.poll_id.is_not(None))
    others = store.all_polls(conn, poll_id.not_in(drafted))
    held = [poll.poll_id for poll in others if _place(poll) == official.oktmo]
    return poll_id.in_(drafted.where(poll_draft.c.oktmo == official.oktmo)) | poll_id.in_(held)


def _owner(conn: Connection, poll: Poll) -> str:
    """Whose poll it is: its draft's municipality; without a draft, the one it is held in."""
    draft = drafts.of_poll(conn, poll.poll_id)
    return _place(poll) if draft is None else draft.oktmo


def _place(poll: Poll) -> str:
    """The municipality that a poll is held in, or the region."""
    places = poll.manifest.territory
    return places[0].oktmo if len(places) == 1 else REGION
