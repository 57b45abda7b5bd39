"""Person data: /rs/prns/{oid}. A field is absent where its scope is; a collection is refused."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, abort, request

from issuer.esia_stand.residents import Resident
from issuer.esia_stand.sessions import Access
from issuer.esia_stand.stand import stand
from shared.clock import ALTAI

rest = Blueprint("rest", __name__, url_prefix="/rs/prns")

UPDATED_ON: Final = 1_700_000_000
EMBED: Final = "(elements)"
EMBED_ADDRESSES: Final = "(addresses.elements)"


@rest.get("/<int:oid>")
def person(oid: int) -> Response:
    """The person, with ?embed=(addresses.elements) the addresses, too."""
    embed = request.args.get("embed")
    if embed is None:
        access = _access(oid)
        return _json("Person-3", _person(access.resident, access.scopes))
    if embed != EMBED_ADDRESSES:
        abort(400, "embed")
    access = _with_scope(oid, "addresses")
    addresses = _tagged(_collection(_addresses(access.resident)))
    return _json("Person-3", {**_person(access.resident, access.scopes), "addresses": addresses})


@rest.get("/<int:oid>/addrs")
def addresses(oid: int) -> Response:
    """The addresses: as links, or whole with ?embed=(elements)."""
    resident = _with_scope(oid, "addresses").resident
    elements = _addresses(resident)
    embedded = request.args.get("embed") == EMBED
    links = [f"{stand().settings.url}/rs/prns/{oid}/addrs/{element['id']}" for element in elements]
    return _json("Addresses-1", _collection(elements if embedded else links))


@rest.get("/<int:oid>/addrs/<int:number>")
def address(oid: int, number: int) -> Response:
    """One address."""
    found = [
        element for element in _addresses(_with_scope(oid, "addresses").resident) if element["id"] == number
    ]
    if not found:
        abort(404)
    return _json("Address-1", found[0])


@rest.get("/<int:oid>/<any(ctts, docs, kids, vhls, roles, orgs):collection>")
def collections(oid: int, collection: str) -> Response:
    """Collections whose scopes the stand gives to nobody."""
    _access(oid)
    abort(403, collection)


def _access(oid: int) -> Access:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    access = stand().sessions.tokens.look(token, stand().clock()) if scheme == "Bearer" else None
    if access is None:
        abort(401)
    if access.resident.oid != oid:
        abort(403)
    return access


def _with_scope(oid: int, scope: str) -> Access:
    access = _access(oid)
    if scope not in access.scopes:
        abort(403)
    return access


def _person(resident: Resident, scopes: frozenset[str]) -> dict[str, Any]:
    last, first, *middle = resident.name.split(" ")
    today = stand().clock().astimezone(ALTAI).date()
    by_scope = {
        "fullname": {"firstName": first, "lastName": last, **({"middleName": middle[0]} if middle else {})},
        "birthdate": {"birthDate": resident.birth_date_on(today)},
        "snils": {"snils": resident.snils},
    }
    fields: dict[str, Any] = {
        "stateFacts": ["EntityRoot"],
        "status": resident.status,
        "trusted": resident.trusted,
        "verifying": False,
        "rIdDoc": resident.oid % 1_000_000,
        "containsUpCfmCode": False,
        "rfgUOperatorCheck": False,
        "updatedOn": UPDATED_ON,
    }
    for scope, more in by_scope.items():
        if scope in scopes:
            fields |= more
    return fields


def _addresses(resident: Resident) -> list[dict[str, Any]]:
    return [
        _tagged({"stateFacts": ["Identifiable"], "id": 10 * (resident.oid % 1_000_000) + number, **given})
        for number, given in enumerate(resident.addresses, start=1)
    ]


def _collection(elements: Sequence[object]) -> dict[str, Any]:
    return {"stateFacts": ["hasSize"], "size": len(elements), "elements": elements}


def _tagged(fields: Mapping[str, Any]) -> dict[str, Any]:
    untagged = {name: value for name, value in fields.items() if name != "eTag"}
    tag = hashlib.sha1(json.dumps(untagged, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    return {**untagged, "eTag": tag.upper()}


def _json(schema: str, fields: Mapping[str, Any]) -> Response:
    tagged = _tagged(fields)
    response = Response(json.dumps(tagged, ensure_ascii=False).encode())
    response.headers["Content-Type"] = (
        f'application/json; schema="{stand().settings.url}/rs/model/prn/{schema}"'
    )
    response.headers["ETag"] = f'"{tagged["eTag"]}"'
    return response
