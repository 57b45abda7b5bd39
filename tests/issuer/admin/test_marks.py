"""The office warns of polls whose ballots are as different as signatures."""

import pytest

from tests.issuer.admin.clerk import Clerk
from tests.issuer.admin.conftest import Hire

TREES = "\n".join(["Сосна", "Берёза", "Лиственница", "Ель", "Дуб", "Клён"])


@pytest.fixture
def clerk(employ: Hire) -> Clerk:
    return employ()


@pytest.mark.attack("A18")
@pytest.mark.parametrize(
    ("kind", "least", "most", "warned"),
    [
        ("ranking", "1", "6", "возможно 1\u00a0956"),  # 6 + 30 + 120 + 360 + 720 + 720
        ("ranking", "1", "3", None),  # 156
        ("multiple", "1", "6", None),  # 63
        ("score", "0", "10", "возможно более 1\u00a0000\u00a0000"),  # 11 to the power of 6
    ],
)
def test_a_poll_with_very_many_different_ballots_is_warned_of(
    clerk: Clerk, kind: str, least: str, most: str, warned: str | None
) -> None:
    fields = {"kind": kind, "options_ru": TREES, "min": least, "max": most}
    draft_id = clerk.new_draft(**{f"questions-0-{name}": value for name, value in fields.items()})
    page = clerk.get(f"/polls/{draft_id}").text
    assert ("Разных бюллетеней" in page) == (warned is not None)
    assert warned is None or warned in page
