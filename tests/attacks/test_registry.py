"""The registry leaves nothing out: each row has a test or says in the threat model what is not protected."""

import re

from tests.attacks.registry import REGISTRY, STATUSES, THREAT_MODEL, named_rows, rows

COMPONENTS = (
    "issuer", "f of n issuers", "up to k - 1", "ballot box", "issuer and box together", "worker",
    "database", "proxy", "witness", "t trustees", "client host", "ESIA", "administrator", "operator",
    "device", "network observer", "coercer", "other voters", "developer",
)  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(text.split())


def test_every_row_is_read_and_stands_once() -> None:
    numbers = re.findall(r"^\| (A\d+) \|", REGISTRY.read_text("utf-8"), re.MULTILINE)
    assert numbers == list(rows())
    assert numbers == [f"A{number + 1}" for number in range(len(numbers))]
    assert len(numbers) >= 38


def test_every_row_has_a_test_or_is_a_limitation() -> None:
    assert {row.id for row in rows().values() if row.status != "limitation"} <= named_rows()


def test_no_test_names_a_row_that_is_not_there() -> None:
    assert named_rows() <= set(rows())


def test_what_is_not_protected_is_a_sentence_of_the_threat_model() -> None:
    told = _plain(THREAT_MODEL.read_text("utf-8"))
    for row in rows().values():
        assert row.status in STATUSES, row.id
        assert bool(row.rest) == (row.status in ("partly", "limitation")), row.id
        assert _plain(row.rest) in told, row.id


def test_the_threat_model_says_what_a_compromise_of_each_part_can_surrender() -> None:
    told = THREAT_MODEL.read_text("utf-8")
    for component in COMPONENTS:
        assert re.search(rf"^\| \*\*[^|]*{component}[^|]*\|[^|]{{20,}}\|[^|]+\|$", told, re.MULTILINE), (
            component
        )
