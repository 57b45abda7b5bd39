"""A small honest poll for tests: manifest members that a test changes in one place."""

from typing import Any

from crypto import hpke
from shared.encoding import b64u
from shared.manifest import Poll, build_manifest

LOG_PATH = "/log/" + "0123456789abcdef" * 2


def sample_members(**changes: Any) -> dict[str, Any]:
    """Members of a valid manifest with one `single` and one `multiple` question, keys being filler bytes."""
    members: dict[str, Any] = {
        "format": "veche/manifest/v1",
        "title": {"ru": "Где быть скверу", "en": "Where to put the park"},
        "description": {"ru": "Выбираем место.\nИ дерево.", "en": "We choose a place.\nAnd a tree."},
        "languages": ["ru", "en"],
        "questions": [
            {
                "id": "place",
                "kind": "single",
                "text": {"ru": "Где?", "en": "Where?"},
                "options": [
                    _option("river", "У реки"),
                    _option("school", "У школы"),
                    _option("none", "Нигде"),
                ],
                "min": 1,
                "max": 1,
                "abstention": False,
            },
            {
                "id": "trees",
                "kind": "multiple",
                "text": {"ru": "Какие деревья?", "en": "Which trees?"},
                "options": [
                    _option("pine", "Сосна"),
                    _option("birch", "Берёза"),
                    _option("larch", "Лиственница"),
                ],
                "min": 1,
                "max": 2,
                "abstention": True,
            },
        ],
        "answer_size": 64,
        "territory": [{"oktmo": "01701000", "name": "город Барнаул"}],
        "residency": "declared",
        "minimum_age": 18,
        "issuance_opens_at": "2026-11-01T00:00:00Z",
        "opens_at": "2026-11-01T00:00:00Z",
        "closes_at": "2026-11-30T13:00:00Z",
        "include_by": "2026-12-01T13:00:00Z",
        "token_suite": "RSABSSA-SHA384-PSS-Randomized",
        "issuers": [
            {
                "name": "Регистратор",
                "url": "http://127.0.0.3:8000",
                "statement_key": b64u(b"\x01" * 32),
                "token_key": "AAAA",
                "log_url": "http://127.0.0.3:8000" + LOG_PATH,
                "log_key": "issuer-log-key",
            }
        ],
        "threshold": 1,
        "faulty": 0,
        "ballot_box": {
            "url": "http://127.0.0.4:8000",
            "statement_key": b64u(b"\x02" * 32),
            "log_url": "http://127.0.0.4:8000" + LOG_PATH,
            "log_key": "box-log-key",
        },
        "client": "http://127.0.0.5:8000",
        "result_mode": "live",
        "sealing": None,
        "revoting": False,
        "batch": {"floor": 1, "longest_wait": 1},
        "minimum_participants": 0,
        "eligible_population": None,
        "dispute_days": 10,
        "contact": "Администрация, 8 (3852) 00-00-00",
        "legal_basis": "Решение Думы № 1",
    }
    return members | changes


def ranked_and_scored() -> dict[str, Any]:
    """Changes of `sample_members`: a `ranking` and a `score` question, and votes that may be changed."""
    question = sample_members()["questions"][1]
    ranking = question | {"id": "order", "kind": "ranking", "min": 1, "max": 3}
    score = question | {"id": "marks", "kind": "score", "min": 0, "max": 5}
    return {"questions": [ranking, score], "revoting": True, "answer_size": 64}


def sealed(private_key: bytes, **changes: Any) -> dict[str, Any]:
    """Changes of `sample_members`: sealed for this HPKE key, which any two of three trustees can rebuild."""
    sealing = {
        "custodian": "trustees",
        "public_key": b64u(hpke.public_key_of(private_key)),
        "suite": hpke.SUITE,
        "threshold": 2,
        "trustees": ["А. А. Первая", "Б. Б. Второй", "В. В. Третья"],
    }
    return {"result_mode": "sealed", "sealing": sealing | changes, "answer_size": 64 + hpke.OVERHEAD}


def sample_poll(**changes: Any) -> Poll:
    """The parsed manifest of `sample_members`."""
    return build_manifest(sample_members(**changes))


def _option(identifier: str, text: str) -> dict[str, Any]:
    return {"id": identifier, "text": {"ru": text, "en": identifier}}
