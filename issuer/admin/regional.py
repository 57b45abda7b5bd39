"""The operator's pages: applications, who has access, the log of acts."""

from datetime import date
from functools import partial
from typing import Final

from flask import Blueprint, Response, request

from issuer.admin import acts, applications, officials
from issuer.admin.application_paper import paper
from issuer.admin.forms import PlainForm, ReasonForm, UntilForm
from issuer.admin.pages import checked, download, operator, page, see
from issuer.admin.paging import paged
from issuer.admin.refusals import NothingThere
from issuer.services import services
from shared.db import read, write
from shared.encoding import EncodingRefused, canonical_json, from_hex
from shared.spreadsheet import csv_bytes

regional = Blueprint("regional", __name__)

ACTS_PER_PAGE: Final = 100
NEWEST: Final = 2**31 - 1
"""Above the number of every act."""


@regional.get("/applications")
def listed() -> Response:
    """The applications."""
    operator()
    with read(services().engine) as conn:
        found = paged("page", partial(applications.listed, conn))
    return page("applications.html", applications=found)


@regional.get("/applications/<number>")
def application(number: str) -> Response:
    """One application, and what can be done with it."""
    operator()
    return _application_page(number, ReasonForm(formdata=None))


@regional.get("/applications/<number>/scan")
def scan(number: str) -> Response:
    """The signed paper."""
    operator()
    with read(services().engine) as conn:
        found = applications.find(conn, number)
        data = applications.scan_of(conn, found)
    kind = found.scan_type or "application/octet-stream"
    return download(data, f"zayavka-{number}.{kind.rpartition('/')[2]}", kind)


@regional.get("/applications/<number>/paper.pdf")
def print_paper(number: str) -> Response:
    """The application as it was printed."""
    operator()
    with read(services().engine) as conn:
        found = applications.find(conn, number)
    return download(paper(found), f"zayavka-{number}.pdf", "application/pdf")


@regional.post("/applications/<number>/receive")
def receive(number: str) -> Response:
    """Take it up."""
    official, here = operator(), services()
    checked(PlainForm())
    with write(here.engine) as conn:
        applications.receive(conn, applications.find(conn, number))
        acts.record(conn, "application-received", number, here.clock(), by=official.id)
    return see("regional.application", number=number)


@regional.post("/applications/<number>/approve")
def approve(number: str) -> Response:
    """Give access for the period."""
    official, here = operator(), services()
    checked(PlainForm())
    with write(here.engine) as conn:
        found = applications.find(conn, number)
        applications.approve(conn, found, here.keys.official(found.fields.snils))
        acts.record(conn, "application-approved", number, here.clock(), by=official.id)
    return see("regional.application", number=number)


@regional.post("/applications/<number>/refuse")
def refuse(number: str) -> Response:
    """Refuse, with the reason."""
    official, here, form = operator(), services(), ReasonForm()
    if not form.validate():
        return _application_page(number, checked(form, "reason"), status=422)
    with write(here.engine) as conn:
        applications.refuse(conn, applications.find(conn, number), str(form.reason.data))
        acts.record(conn, "application-refused", number, here.clock(), by=official.id)
    return see("regional.application", number=number)


@regional.get("/officials")
def people() -> Response:
    """Who has access, and until when."""
    operator()
    return _people_page()


@regional.post("/officials/<official_id>/prolong")
def prolong(official_id: str) -> Response:
    """A later end."""
    by, here, form = operator(), services(), UntilForm()
    if not form.validate():
        checked(form, "ends_on")
        return _people_page(mistake_at=official_id, status=422)
    end = applications.end_of(date.fromisoformat(str(form.ends_on.data)))
    with write(here.engine) as conn:
        if not officials.set_end(conn, _id(official_id), end):
            raise NothingThere
        acts.record(conn, "access-prolonged", official_id, here.clock(), by=by.id)
    return see("regional.people")


@regional.post("/officials/<official_id>/end")
def end(official_id: str) -> Response:
    """No access from now on."""
    by, here = operator(), services()
    checked(PlainForm())
    with write(here.engine) as conn:
        if not officials.set_end(conn, _id(official_id), here.clock()):
            raise NothingThere
        acts.record(conn, "access-ended", official_id, here.clock(), by=by.id)
    return see("regional.people")


@regional.get("/acts")
def log() -> Response:
    """The log of acts, the newest first."""
    operator()
    before = min(request.args.get("before", NEWEST, type=int), NEWEST)
    with read(services().engine) as conn:
        found, total = acts.newest(conn, before=before, limit=ACTS_PER_PAGE), acts.count(conn)
    return page("acts.html", acts=found, total=total, names=acts.ACTS)


@regional.get("/acts.json")
def log_json() -> Response:
    """The whole log with its chain."""
    operator()
    with read(services().engine) as conn:
        data = canonical_json({"acts": [act.members() for act in acts.every(conn)]})
    return download(data, "acts.json", "application/json")


@regional.get("/acts.csv")
def log_csv() -> Response:
    """The whole log for a spreadsheet."""
    operator()
    head = ("number", "at", "name", "act", "subject", "chain")
    with read(services().engine) as conn:
        rows = [
            (str(act.number), act.at.isoformat(), act.name or "", act.act, act.subject, act.chain.hex())
            for act in acts.every(conn)
        ]
    return download(csv_bytes([head, *rows]), "acts.csv", "text/csv")


def _application_page(number: str, form: ReasonForm, *, status: int = 200) -> Response:
    with read(services().engine) as conn:
        found = applications.find(conn, number)
        official = officials.of_application(conn, found.id)
        history = acts.about(conn, number)
    values = {"application": found, "granted": official, "history": history, "names": acts.ACTS}
    return page("application.html", status=status, form=form, **values)


def _people_page(*, mistake_at: str = "", status: int = 200) -> Response:
    with read(services().engine) as conn:
        found = officials.everyone(conn)
    return page(
        "officials.html", status=status, officials=found, mistake_at=mistake_at, now=services().clock()
    )


def _id(text: str) -> bytes:
    try:
        return from_hex(text, size=officials.ID_SIZE)
    except EncodingRefused:
        raise NothingThere from None
