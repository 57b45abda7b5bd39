"""Browser pages: v2/ac with the choice of a resident, its answer, the root, and logout."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from issuer.esia_stand import mint
from issuer.esia_stand.clients import Client
from issuer.esia_stand.refusals import EsiaRefusal
from issuer.esia_stand.requests import (
    Caller,
    SignInRequest,
    check_redirect,
    find_client,
    read_once,
    sign_in_request,
)
from issuer.esia_stand.residents import ELIGIBLE, RESIDENTS, Resident, resident_of
from issuer.esia_stand.sessions import SignIn, new_name
from issuer.esia_stand.stand import stand

pages = Blueprint("pages", __name__)

_BARNAUL: Final = "Жители Барнаула"
_REGION: Final = "Жители других муниципалитетов края"
_REFUSED: Final = "Получат отказ"


@pages.get("/")
def root() -> str:
    """Who can sign in here."""
    return render_template("stand.html", groups=_groups())


@pages.get("/aas/oauth2/v2/ac")
def authorize() -> Response | str:
    """Check the client's request and let the person choose whom to sign in as."""
    values = read_once(request.args)
    client = find_client(stand().clients, values)
    redirect_uri = check_redirect(client, values)
    try:
        wanted = _parse(client, values)
    except EsiaRefusal as refusal:
        return _refuse(redirect_uri, values.get("state"), refusal)
    page, now = new_name(), stand().clock()
    stand().sessions.pages.put(page, wanted, now)
    return render_template("sign_in.html", page=page, client=client.id, groups=_groups())


@pages.post("/login")
def login() -> Response:
    """The choice of that page: a resident, or none. Each page answers once."""
    here = stand()
    wanted = here.sessions.pages.take(request.form.get("page", ""), here.clock())
    if wanted is None:
        raise EsiaRefusal("ESIA-007007")
    caller = wanted.caller
    resident = resident_of(request.form.get("resident", ""), crowd=here.settings.crowd)
    if resident is None:
        return _refuse(caller.redirect_uri, caller.state, EsiaRefusal("ESIA-007004"))
    if wanted.confirmed_only and not resident.trusted:
        return _refuse(caller.redirect_uri, caller.state, EsiaRefusal("ESIA-007055"))
    return _answer(caller, {"code": _code(wanted, resident), "state": caller.state})


@pages.get("/idp/ext/Logout")
def logout() -> Response:
    """End the session, of which the stand keeps none, and go back."""
    values = read_once(request.args)
    client = find_client(stand().clients, values)
    if not client.allows_redirect(values.get("redirect_url", "")):
        raise EsiaRefusal("ESIA-007023")
    return redirect(values["redirect_url"], 302)


def _parse(client: Client, values: dict[str, str]) -> SignInRequest:
    here = stand()
    window = timedelta(seconds=here.settings.timestamp_window)
    return sign_in_request(here.clients, client, values, here.clock(), window)


def _code(wanted: SignInRequest, resident: Resident) -> str:
    here, now = stand(), stand().clock()
    sign_in = SignIn(wanted, resident, str(uuid4()), now)
    code = mint.code(
        here.settings,
        here.keys,
        sign_in,
        address=request.remote_addr or "",
        agent=request.user_agent.string[:200],
    )
    here.sessions.codes.put(code, sign_in, now)
    return code


def _answer(caller: Caller, query: dict[str, str]) -> Response:
    return redirect(_with_query(caller.redirect_uri, query), 303)


def _refuse(redirect_uri: str, state: str | None, refusal: EsiaRefusal) -> Response:
    query = {"error": refusal.error, "error_description": refusal.description}
    return redirect(_with_query(redirect_uri, query | ({"state": state} if state else {})), 303)


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"


def _groups() -> dict[str, list[Resident]]:
    """The residents as the pages show them: by what they may do."""
    groups: dict[str, list[Resident]] = {title: [] for title in (_BARNAUL, _REGION, _REFUSED)}
    for resident in RESIDENTS:
        groups[_group(resident)].append(resident)
    return groups


def _group(resident: Resident) -> str:
    if resident.expected["barnaul"] == ELIGIBLE:
        return _BARNAUL
    if resident.expected["region"] == ELIGIBLE:
        return _REGION
    return _REFUSED
