import copy
import hashlib
from typing import Any

import pytest

from shared.encoding import b64u, canonical_json
from shared.manifest import ManifestInvalid, build_manifest, parse_manifest
from tests.samples import LOG_PATH, sample_members, sample_poll, sealed


def test_the_poll_id_is_the_hash_of_the_bytes() -> None:
    poll = sample_poll()
    assert poll.poll_id == hashlib.sha256(poll.manifest_bytes).digest()
    assert parse_manifest(poll.manifest_bytes).manifest == poll.manifest


def test_bytes_that_are_not_canonical_are_refused() -> None:
    with pytest.raises(ManifestInvalid):
        parse_manifest(sample_poll().manifest_bytes + b"\n")


def test_a_manifest_of_more_than_60_000_bytes_is_refused() -> None:
    options = [{"id": f"o{n}", "text": {"ru": "я" * 350, "en": "i" * 350}} for n in range(100)]
    question = {**sample_members()["questions"][0], "options": options}
    with pytest.raises(ManifestInvalid, match=r"60,000"):
        build_manifest(sample_members(questions=[question]))


@pytest.mark.parametrize("name", sorted(sample_members()))
def test_every_member_is_required(name: str) -> None:
    members = sample_members()
    del members[name]
    with pytest.raises(ManifestInvalid):
        build_manifest(members)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("unknown",), 1),
        (("format",), "veche/manifest/v2"),
        (("title", "en"), ""),
        (("title", "ru"), "две\nстроки"),
        (("title", "ru"), "ш" * 201),
        (("title", "de"), "Wo"),
        (("description", "ru"), "справа \u202e налево"),
        (("description", "ru"), "звонок \a"),
        (("description", "ru"), "строка\u2028строка"),
        (("questions", 0, "options", 0, "text", "ru"), "У ре\u200bки"),
        (("questions", 0, "options", 0, "text", "ru"), "\ufeffУ реки"),
        (("title", "ru"), "тайно\U000e0041"),
        (("languages",), ["en", "ru"]),
        (("languages",), ["ru"]),
        (("questions",), []),
        (("questions", 0, "id"), "Place"),
        (("questions", 0, "id"), "trees"),
        (("questions", 0, "kind"), "approval"),
        (("questions", 0, "max"), 2),
        (("questions", 1, "max"), 4),
        (("questions", 1, "min"), 0),
        (("questions", 1, "min"), True),
        (("questions", 0, "options", 1, "id"), "river"),
        (("answer_size",), 128),
        (("territory",), []),
        (("territory", 0, "oktmo"), "0170100"),
        (("residency",), "guessed"),
        (("minimum_age",), 13),
        (("opens_at",), "2026-11-30T13:00:00Z"),
        (("opens_at",), "2026-11-01T00:00:00+00:00"),
        (("opens_at",), "2026-11-31T00:00:00Z"),
        (("issuance_opens_at",), "2026-11-01T00:00:01Z"),
        (("include_by",), "2026-11-30T13:00:00Z"),
        (("token_suite",), "RSABSSA-SHA384-PSS-Deterministic"),
        (("threshold",), 2),
        (("threshold",), 0),
        (("faulty",), 1),
        (("issuers", 0, "url"), "http://127.0.0.3:8000/"),
        (("issuers", 0, "url"), "http://user@127.0.0.3:8000"),
        (("issuers", 0, "url"), "ftp://127.0.0.3"),
        (("issuers", 0, "log_url"), "http://127.0.0.9:8000" + LOG_PATH),
        (("issuers", 0, "statement_key"), "AAAA"),
        (("ballot_box", "statement_key"), sample_members()["issuers"][0]["statement_key"]),
        (("client",), "http://127.0.0.5:8000/app"),
        (("result_mode",), "sealed"),
        (("result_mode",), "secret"),
        (("sealing",), sealed(b"k" * 32)["sealing"]),
        (("revoting",), 1),
        (("batch", "floor"), 0),
        (("eligible_population",), {"number": 0, "source": "Росстат"}),
    ],
)
def test_a_broken_member_is_refused(path: tuple[Any, ...], value: Any) -> None:
    members = copy.deepcopy(sample_members())
    place: Any = members
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ManifestInvalid):
        build_manifest(members)


def test_a_refused_manifest_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ManifestInvalid) as refused:
        build_manifest(sample_members(contact="тайна\a"))
    assert "тайна" not in str(refused.value)


def _issuers(n: int) -> list[dict[str, Any]]:
    first = sample_members()["issuers"][0]
    return [
        {
            **first,
            "url": f"http://issuer{i}.example",
            "log_url": f"http://issuer{i}.example" + LOG_PATH,
            "log_key": f"log-key-{i}",
            "token_key": f"token-key-{i}",
            "statement_key": "".join(chr(ord("A") + i) for _ in range(42)) + "A",
        }
        for i in range(n)
    ]


def test_four_issuers_tolerate_one_corrupt_with_threshold_three() -> None:
    poll = build_manifest(sample_members(issuers=_issuers(4), threshold=3, faulty=1))
    assert len(poll.manifest.issuers) == 4


@pytest.mark.attack("A29")
def test_three_issuers_with_threshold_two_are_refused_when_one_may_be_corrupt() -> None:
    with pytest.raises(ManifestInvalid, match="2k"):
        build_manifest(sample_members(issuers=_issuers(3), threshold=2, faulty=1))


@pytest.mark.attack("A51")
def test_the_longest_answers_fit_answer_size() -> None:
    options = [{"id": f"option-{n:09d}", "text": {"ru": "а", "en": "a"}} for n in range(10)]
    question = {**sample_members()["questions"][1], "options": options, "max": 10}
    longest = canonical_json({"trees": [option["id"] for option in options]})
    poll = build_manifest(sample_members(questions=[question], answer_size=-(-len(longest) // 64) * 64))
    assert len(longest) <= poll.manifest.answer_size < len(longest) + 64


def test_a_sealed_poll_names_its_trustees_and_the_size_of_its_ciphertexts() -> None:
    manifest = sample_poll(**sealed(b"k" * 32)).manifest
    assert manifest.sealing is not None
    assert (manifest.sealing.threshold, len(manifest.sealing.trustees)) == (2, 3)
    assert (manifest.answer_size, manifest.plaintext_size) == (145, 64)


def test_a_poll_that_the_box_opens_by_itself_has_no_trustees() -> None:
    automatic = sealed(b"k" * 32, custodian="automatic", threshold=1, trustees=[])
    assert sample_poll(**automatic).manifest.sealing is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": 1},
        {"threshold": 4},
        {"trustees": ["Один", "Один", "Два"]},
        {"trustees": []},
        {"custodian": "automatic"},
        {"custodian": "operator"},
        {"public_key": "AAAA"},
        {"public_key": b64u(b"\x02" + bytes(64))},
        {"suite": "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM"},
    ],
)
def test_a_sealing_that_breaks_the_rules_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        sample_poll(**sealed(b"k" * 32, **changes))


def test_a_sealed_poll_without_the_room_for_its_ciphertexts_is_refused() -> None:
    with pytest.raises(ManifestInvalid, match="answer_size"):
        sample_poll(**sealed(b"k" * 32) | {"answer_size": 64})
