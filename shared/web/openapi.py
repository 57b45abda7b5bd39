"""The OpenAPI 3.1 document of a service, made from its routes, and a page that shows it.

A view that belongs to the interface says so with `described`. Paths, parameters and summaries come from the
routes themselves, schemas from the models that parse the bodies, refusals from the one table of problems.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final, TypeVar

from flask import Blueprint, Flask, Response, current_app, render_template
from pydantic import TypeAdapter
from werkzeug.routing import Rule

from shared.encoding import canonical_json
from shared.refusals import InternalError, Refusal, Unavailable
from shared.web.headers import allow_any_origin
from shared.web.problems import PAGE_POLICY, PROBLEMS, TYPE_PREFIX

Schema = Mapping[str, Any]
View = TypeVar("View", bound=Callable[..., Any])

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
SCHEMAS: Final = "#/components/schemas/"
HEX_32: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
"""32 bytes in hex."""
B64U: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9_-]*$"}
"""base64url without padding (RFC 4648 section 5)."""
BINARY: Final[Schema] = {"type": "string", "format": "binary"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}

PAGE: Final[Schema] = {"text/html": {"schema": {"type": "string"}}}

_PARAMETER: Final = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")
"""A parameter in a rule of werkzeug, with or without a converter."""

SIGNATURES: Final[Schema] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"issuer": COUNT, "signature": B64U},
        "required": ["issuer", "signature"],
        "additionalProperties": False,
    },
}
"""Signatures of issuers (docs/protocol.md 3.5)."""

# The parameters that stand in paths, by name.
_PARAMETERS: Final[Mapping[str, tuple[Schema, str]]] = {
    "poll_id": (HEX_32, "The poll: SHA-256 of its manifest, in hex."),
    "log_id": (
        {"type": "string", "pattern": "^([0-9a-f]{32}|catalogue)$"},
        "The log: 16 bytes in hex, or the catalogue.",
    ),
    "path": (
        {"type": "string", "examples": ["checkpoint", "tile/0/000", "tile/entries/000"]},
        "A path of C2SP tlog-tiles.",
    ),
    "release_id": (HEX_32, "The release: SHA-256 of its signed JSON, in hex."),
    "kind": ({"type": "string", "enum": ["cancellation", "decision"]}, "What the issuers said."),
}


@dataclass(frozen=True, slots=True)
class Content:
    """A body: its media type, and the JSON Schema of what is in it or the model that parses it."""

    media_type: str
    schema: Schema | type


@dataclass(frozen=True, slots=True)
class Operation:
    """What a view takes and gives, beside what its route says. `answers` are by status, by media type."""

    answers: Mapping[int, Sequence[Content]]
    refusals: Sequence[type[Refusal]] = ()
    body: Content | None = None
    query: Mapping[str, Schema] | None = None
    bearer: bool = False
    page: bool = False
    """Whether a refusal is a page for people, and no problem document."""


_OPERATIONS: Final[dict[Callable[..., Any], Operation]] = {}

interface = Blueprint(
    "interface", __name__, template_folder="templates", static_folder="static", static_url_path="/api/static"
)


def described(operation: Operation) -> Callable[[View], View]:
    """Make a view part of the document."""

    def keep(view: View) -> View:
        _OPERATIONS[view] = operation
        return view

    return keep


def members(**schemas: Schema) -> Schema:
    """A JSON object with exactly these members."""
    return {
        "type": "object",
        "properties": dict(schemas),
        "required": sorted(schemas),
        "additionalProperties": False,
    }


LOG_FILE: Final = (Content("application/octet-stream", BINARY), Content("text/plain", {"type": "string"}))
"""A tile or an entry bundle; a checkpoint is text."""

STATEMENT: Final = members(signatures=SIGNATURES, statement=members(poll_id=HEX_32, text={"type": "object"}))
"""A cancellation or a decision (docs/protocol.md 3.7)."""
RELEASE: Final = members(
    release=members(
        client={"type": "string"},
        files={"type": "object", "additionalProperties": HEX_32},
        format={"const": "veche/client-release/v1"},
        version={"type": "string"},
    ),
    signatures={"type": "array", "items": members(signature=B64U, statement_key=B64U)},
)
"""A release of the client (docs/protocol.md 3.11)."""


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of all described views of an app."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    schemas: dict[str, Any] = {"Problem": _problem()}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation = _OPERATIONS.get(app.view_functions[rule.endpoint])
        if operation is None:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            summary = str(app.view_functions[rule.endpoint].__doc__).partition("\n")[0]
            paths[_path(rule)][method.lower()] = {
                "operationId": f"{method.lower()}_{rule.endpoint.rpartition('.')[2]}",
                "summary": summary,
            } | _operation(rule, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Veche {app.import_name.partition('.')[0].replace('_', ' ')}",
            "version": version("veche"),
        },
        "paths": dict(paths),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"grant": {"type": "http", "scheme": "bearer"}},
        },
    }


def _path(rule: Rule) -> str:
    return _PARAMETER.sub(r"{\1}", rule.rule)


def _operation(rule: Rule, operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "parameters": [_path_parameter(name) for name in sorted(rule.arguments)]
        + [
            {"name": name, "in": "query", "required": "default" not in schema, "schema": schema}
            for name, schema in (operation.query or {}).items()
        ],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _content(operation.body, schemas)}
    if operation.bearer:
        made["security"] = [{"grant": []}]
    return made


def _path_parameter(name: str) -> dict[str, Any]:
    schema, description = _PARAMETERS[name]
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _responses(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    made = _refusals(operation)
    for status, contents in operation.answers.items():
        response = made.setdefault(str(status), {"description": HTTPStatus(status).phrase})
        for content in contents:
            response.setdefault("content", {}).update(_content(content, schemas))
    return dict(sorted(made.items()))


def _content(content: Content, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(content.schema, type):
        made = TypeAdapter(content.schema).json_schema(ref_template=SCHEMAS + "{model}")
        schemas.update(made.pop("$defs", {}))
        schemas[content.schema.__name__] = made
        return {content.media_type: {"schema": {"$ref": SCHEMAS + content.schema.__name__}}}
    return {content.media_type: {"schema": content.schema}}


def _refusals(operation: Operation) -> dict[str, Any]:
    """The problems by status; every operation may be unavailable, or fail."""
    by_status: dict[int, list[str]] = defaultdict(list)
    kinds: list[type[Refusal]] = [*operation.refusals, Unavailable, InternalError]
    for kind in kinds:
        by_status[PROBLEMS[kind].status].append(kind.slug)
    return {
        str(status): {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(slugs)}",
            "content": dict(PAGE) if operation.page else _problem_of(slugs),
        }
        for status, slugs in sorted(by_status.items())
    }


def _problem_of(slugs: list[str]) -> dict[str, Any]:
    types = {"properties": {"type": {"enum": [TYPE_PREFIX + slug for slug in slugs]}}}
    return {PROBLEM: {"schema": {"allOf": [{"$ref": f"{SCHEMAS}Problem"}, types]}}}


def _problem() -> Schema:
    text = {"type": "string"}
    return members(type=text, title=text, status={"type": "integer"}, detail=text)


@interface.get("/openapi.json")
def openapi() -> Response:
    """The document."""
    return allow_any_origin(Response(canonical_json(document(current_app)), content_type=JSON))


@interface.get("/api")
def api() -> Response:
    """The document as a page."""
    page = render_template("api.html", document=document(current_app))
    return Response(page, headers={"Content-Security-Policy": PAGE_POLICY})
