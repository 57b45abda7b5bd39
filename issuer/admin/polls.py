"""Pages of polls: drafts, review, publication, and what follows it."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, g, request

from issuer import store
from issuer.admin import acts, drafts, editor
from issuer.admin.drafts import PollDraft
from issuer.admin.forms import PlainForm, PollForm, ReasonForm
from issuer.admin.marks import mark_notice
from issuer.admin.municipalities import Branch, branches
from issuer.admin.officials import Official
from issuer.admin.pages import checked, page, see, signed_in
from issuer.admin.paging import paged
from issuer.admin.press import press
from issuer.admin.refusals import ActNotPossible, FormExpired, OfficialNotAllowed
from issuer.admin.words import say
from issuer.services import services
from shared.db import read, write
from shared.territory import REGION

polls = Blueprint("polls", __name__)

UNPROCESSABLE: Final = 422


@polls.get("/polls")
def listed() -> Response:
    """The official's drafts and published polls."""
    official, here = signed_in(), services()
    with read(here.engine) as conn:
        prepared = paged("drafts", partial(drafts.listed, conn, official))
        published = paged("page", partial(press().listed, conn, official))
        cancelled = store.cancelled(conn, [poll.poll_id for poll in published.rows])
    values: dict[str, Any] = {
        "drafts": prepared,
        "published": published,
        "cancelled": cancelled,
        "now": here.clock(),
        "new_id": drafts.new_id(),
    }
    return page("polls.html", **values)


@polls.post("/polls")
def make() -> Response:
    """A new draft."""
    official, here = signed_in(), services()
    checked(PlainForm())
    draft_id, now = _new_id(), here.clock()
    territory = [] if official.is_operator else [official.oktmo]
    with write(here.engine) as conn:
        content = editor.default_content(territory, now)
        drafts.make(conn, official, draft_id, official.oktmo, content, now)
    return see("polls.edit", draft_id=draft_id)


@polls.get("/polls/<draft_id>")
def draft(draft_id: str) -> Response:
    """A draft as it stands, and what can be done with it."""
    official = signed_in()
    found = _find(official, draft_id)
    if found.poll_id is not None:
        return see("published.show", poll_id=found.poll_id.hex())
    return _draft_page(found, ReasonForm(formdata=None))


@polls.get("/polls/<draft_id>/edit")
def edit(draft_id: str) -> Response:
    """The editor."""
    official = signed_in()
    found = _find(official, draft_id)
    if found.stage != "draft":
        raise ActNotPossible
    return _editor(official, found, PollForm(formdata=None, data=found.content), {})


@polls.post("/polls/<draft_id>/edit")
def save(draft_id: str) -> Response:
    """Keep what was typed, right or wrong; say what is wrong."""
    official, here, form = signed_in(), services(), PollForm()
    if not form.validate() and "form_token" in form.errors:
        raise FormExpired
    found, action = _find(official, draft_id), request.form.get("action", "save")
    content = _content(official, form, action)
    with write(here.engine) as conn:
        version = request.form.get("version", 0, type=int)
        drafts.save(conn, official, found, content, version=version, now=here.clock())
    if action != "save":
        return Response(status=303, headers={"Location": f"edit#{_anchor(action, content)}"})
    wrong = editor.check(content, here.settings, here.clock()).mistakes
    if not wrong:
        return see("polls.draft", draft_id=draft_id)
    kept = _find(official, draft_id)
    return _editor(official, kept, PollForm(formdata=None, data=content), wrong, status=UNPROCESSABLE)


@polls.get("/polls/<draft_id>/preview")
def preview(draft_id: str) -> Response:
    """The poll as a resident will see it."""
    found = _find(signed_in(), draft_id)
    made = editor.check(found.content, services().settings, services().clock())
    return page("preview.html", draft=found, poll=made.draft, mistakes=made.mistakes)


@polls.post("/polls/<draft_id>/duplicate")
def duplicate(draft_id: str) -> Response:
    """A new draft with the same content."""
    official, here = signed_in(), services()
    checked(PlainForm())
    found, new_id = _find(official, draft_id), _new_id()
    with write(here.engine) as conn:
        drafts.make(conn, official, new_id, found.oktmo, found.content, here.clock())
    return see("polls.edit", draft_id=new_id)


@polls.post("/polls/<draft_id>/delete")
def delete(draft_id: str) -> Response:
    """Throw a draft away."""
    official, here = signed_in(), services()
    checked(PlainForm())
    found = _find(official, draft_id)
    with write(here.engine) as conn:
        drafts.delete_draft(conn, official, found, here.clock())
    return see("polls.listed")


@polls.post("/polls/<draft_id>/submit")
def submit(draft_id: str) -> Response:
    """Ask for a review; a draft with mistakes goes back to the editor."""
    official, here = signed_in(), services()
    checked(PlainForm())
    found = _find(official, draft_id)
    wrong = editor.check(found.content, here.settings, here.clock()).mistakes
    if wrong and found.stage == "draft":
        form = PollForm(formdata=None, data=found.content)
        return _editor(official, found, form, wrong, status=UNPROCESSABLE)
    with write(here.engine) as conn:
        drafts.submit(conn, official, found, here.clock())
    return see("polls.draft", draft_id=draft_id)


@polls.post("/polls/<draft_id>/withdraw")
def withdraw(draft_id: str) -> Response:
    """Take it back from review."""
    official, here = signed_in(), services()
    checked(PlainForm())
    found = _find(official, draft_id)
    with write(here.engine) as conn:
        drafts.withdraw(conn, official, found, here.clock())
    return see("polls.draft", draft_id=draft_id)


@polls.post("/polls/<draft_id>/return")
def return_for_changes(draft_id: str) -> Response:
    """The reviewer says what must change."""
    official, here, form = signed_in(), services(), ReasonForm()
    found = _find(official, draft_id)
    if not form.validate():
        return _draft_page(found, checked(form, "reason"), status=UNPROCESSABLE)
    with write(here.engine) as conn:
        drafts.return_for_changes(conn, official, found, str(form.reason.data), here.clock())
    return see("polls.draft", draft_id=draft_id)


@polls.post("/polls/<draft_id>/approve")
def approve(draft_id: str) -> Response:
    """The second pair of eyes."""
    official, here = signed_in(), services()
    checked(PlainForm())
    found = _find(official, draft_id)
    with write(here.engine) as conn:
        drafts.approve(conn, official, found, here.clock())
    return see("polls.draft", draft_id=draft_id)


@polls.post("/polls/<draft_id>/publish")
def publish(draft_id: str) -> Response:
    """Publish now. What cannot be delivered is tried again, here and by the worker: never two polls."""
    official, here = signed_in(), services()
    checked(PlainForm())
    found = _find(official, draft_id)
    if found.stage != "publishing":
        with write(here.engine) as conn:
            drafts.order_publication(conn, official, found, here.clock())
        found = replace(found, stage="publishing", version=found.version + 1)
    press().publish(found, here.clock())
    return see("polls.draft", draft_id=draft_id)


def _find(official: Official, draft_id: str) -> PollDraft:
    with read(services().engine) as conn:
        return drafts.find(conn, official, draft_id)


def _new_id() -> str:
    """The id that the form brought, so that a form sent twice makes one draft."""
    wanted = request.form.get("new_id", "")
    if len(wanted) != 32 or set(wanted) - set("0123456789abcdef"):
        raise FormExpired
    return wanted


def _content(official: Official, form: PollForm, action: str) -> dict[str, Any]:
    """What was typed, with a question put in or taken out. Nobody reaches beyond their municipality."""
    content = form.content()
    if not official.is_operator and set(content["territory"]) - {official.oktmo}:
        raise OfficialNotAllowed
    questions = content["questions"]
    verb, _, number = action.partition("-")
    if verb == "add" and len(questions) < 20:
        questions.append({})
    elif verb in ("remove", "up") and number.isdecimal() and int(number) < len(questions):
        place = int(number)
        moved = questions.pop(place)
        if verb == "up":
            questions.insert(max(place - 1, 0), moved)
    return content


def _anchor(action: str, content: dict[str, Any]) -> str:
    verb, _, number = action.partition("-")
    last = len(content["questions"]) - 1
    if verb == "add" or not number.isdecimal():
        return f"question-{last}"
    return f"question-{max(min(int(number), last) - (verb == 'up'), 0)}"


def _editor(
    official: Official, found: PollDraft, form: PollForm, mistakes: editor.Mistakes, *, status: int = 200
) -> Response:
    tree: tuple[Branch, ...] = branches(services().clock()) if official.is_operator else ()
    values = {"draft": found, "form": form, "mistakes": mistakes, "tree": tree, "region": REGION}
    values["with_labels"] = editor.with_labels
    return page("edit.html", status=status, **values)


def _draft_page(found: PollDraft, form: ReasonForm, *, status: int = 200) -> Response:
    here = services()
    made = editor.check(found.content, here.settings, here.clock())
    late = None if made.draft is None else editor.late_notice(made.draft.opens_at, here.clock())
    with read(here.engine) as conn:
        history = acts.about(conn, found.id)
    return page(
        "draft.html",
        status=status,
        draft=found,
        poll=made.draft,
        mistakes=made.mistakes,
        with_labels=editor.with_labels,
        late=late,
        mark=None if made.draft is None else mark_notice(made.draft.questions),
        own=g.official.person == found.editor,
        history=history,
        names=acts.ACTS,
        form=form,
        new_id=drafts.new_id(),
        untitled=say("Без названия", "Untitled"),
    )
