"""Announcements: what they say, and that page, text and poster are what they claim to be."""

from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from issuer.announcement.content import announce
from issuer.announcement.renderings import page, plain_text, poster, qr_svg
from issuer.app import create_app
from issuer.statements import Speaker
from shared.encoding import b64u
from shared.manifest import Language, Poll
from shared.trust import TrustRoot
from tests.issuer.office import CLIENT_URL, Office
from tests.pdf import check_accessible, keep, page_count
from tests.samples import sample_poll, sealed
from tests.simulator import log_key

TRUST = TrustRoot.model_validate(
    {
        "format": "veche/trust/v1",
        "issuers": [{"name": "Р", "statement_key": b64u(bytes(32)), "url": "http://127.0.0.3:8000"}],
        "ballot_box": {
            "catalogue_key": log_key("http://127.0.0.4:8000/log/catalogue", bytes(32)),
            "statement_key": b64u(b"\x01" * 32),
            "url": "http://127.0.0.4:8000",
        },
        "client": CLIENT_URL,
    }
)


def long_poll() -> Poll:
    """As much as a manifest may hold of what a poster shows."""
    question: dict[str, Any] = {
        "kind": "single",
        "text": {"ru": "Какой вариант благоустройства набережной вы поддерживаете? " * 8},
        "options": [{"id": "a", "text": {"ru": "Первый"}}, {"id": "b", "text": {"ru": "Второй"}}],
        "min": 1,
        "max": 1,
        "abstention": False,
    }
    return sample_poll(
        languages=["ru"],
        title={"ru": ("Благоустройство набережной " * 8)[:200]},
        description={"ru": "Подробности. " * 300},
        questions=[question | {"id": f"q{number}"} for number in range(20)],
        territory=[{"oktmo": f"016{n:02}000", "name": f"муниципальный округ {n}"} for n in range(60)],
        minimum_participants=1_000_000,
        **sealed(b"k" * 32, trustees=["Н" * 1000, "О" * 1000, "П" * 1000]) | {"answer_size": 256 + 81},
        contact="Комитет по развитию " * 50,
        legal_basis="Устав муниципального образования " * 30,
    )


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_text_says_who_what_when_why_and_how(language: Language) -> None:
    poll = sample_poll()
    text = plain_text(announce(poll, TRUST, language))
    manifest = poll.manifest
    for said in (
        manifest.title[language],
        manifest.questions[0].text[language],
        manifest.questions[1].options[2].text[language],
        "город Барнаул",
        "18",
        f"{CLIENT_URL}/?poll={poll.poll_id.hex()}",
        TRUST.fingerprint(),
        manifest.contact,
        manifest.legal_basis,
        "8\u00a0800\u00a0100-70-10",
    ):
        assert said in text


def test_times_are_those_of_the_region() -> None:
    period = announce(sample_poll(), TRUST, "ru").period.replace("\u00a0", " ")
    assert period == "с 07:00 1 ноября 2026 г. до 20:00 30 ноября 2026 г., время местное (МСК+4)"


@pytest.mark.parametrize(
    ("age", "years"), [(14, "14 лет"), (18, "18 лет"), (21, "21 года"), (111, "111 лет")]
)
def test_years_are_declined(age: int, years: str) -> None:
    who = announce(sample_poll(minimum_age=age), TRUST, "ru").who
    assert years in who[1].replace("\u00a0", " ")


@pytest.mark.parametrize(("number", "people"), [(1, "1 человека."), (3, "3 человек."), (21, "21 человека.")])
def test_people_are_declined(number: int, people: str) -> None:
    caveats = announce(sample_poll(minimum_participants=number), TRUST, "ru").caveats
    assert caveats[0].replace("\u00a0", " ").endswith(f"не менее {people}")


def test_one_issuer_is_said_to_be_one() -> None:
    assert "один регистратор" in announce(sample_poll(), TRUST, "ru").caveats[0]


def test_a_poll_without_english_is_announced_in_its_own_words() -> None:
    announcement = announce(long_poll(), TRUST, "en")
    assert announcement.title.startswith("Благоустройство")
    assert announcement.t["who"] == "Who is invited"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_poster_is_one_accessible_page(language: Language) -> None:
    document = poster(announce(sample_poll(), TRUST, language))
    keep(document, f"poster-{language}.pdf")
    title = {"ru": "Приглашаем принять участие в голосовании: Где быть скверу", "en": "You are invited"}
    check_accessible(document, title=title[language], language=language)
    assert page_count(document) == 1


def test_the_longest_poll_has_a_poster_of_one_page() -> None:
    document = poster(announce(long_poll(), TRUST, "ru"))
    keep(document, "poster-long.pdf")
    assert page_count(document) == 1


@pytest.mark.attack("A17")
def test_the_code_is_the_address_with_a_quiet_zone() -> None:
    svg = qr_svg("https://veche.example/?poll=" + "0" * 64)
    assert svg.startswith(b"<svg")
    assert b"http://www.w3.org/2000/svg" in svg
    assert b"<script" not in svg


@pytest.fixture
def client(office: Office) -> FlaskClient:
    office.prepare_sign_in()
    return create_app(office.settings, office.watch).test_client()


def test_page_text_and_poster_are_public(client: FlaskClient, office: Office) -> None:
    poll = office.publish()
    path = f"/polls/{poll.poll_id.hex()}/announcement"
    kinds = {"": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".pdf": "application/pdf"}
    for ending, kind in kinds.items():
        answer = client.get(path + ending)
        assert (answer.status_code, answer.content_type) == (200, kind)
        assert "max-age" in answer.headers["Cache-Control"]
    assert client.get(path + ".pdf").data.startswith(b"%PDF-1.7")
    assert office.trust.fingerprint() in client.get(path + ".txt").text


def test_russian_comes_first_and_english_when_asked(client: FlaskClient, office: Office) -> None:
    path = f"/polls/{office.publish().poll_id.hex()}/announcement"
    assert '<html lang="ru">' in client.get(path).text
    assert '<html lang="en">' in client.get(path, headers={"Accept-Language": "en"}).text
    assert '<html lang="ru">' in client.get(f"{path}?lang=ru", headers={"Accept-Language": "en"}).text


def test_when_the_poll_is_over_the_page_says_so(client: FlaskClient, office: Office) -> None:
    poll = office.publish()
    path = f"/polls/{poll.poll_id.hex()}/announcement"
    assert "Голосование завершено" not in client.get(path).text
    office.watch.now = poll.manifest.closes_at
    assert "Голосование завершено" in client.get(path).text


def test_a_cancelled_poll_is_announced_as_cancelled_and_why(client: FlaskClient, office: Office) -> None:
    poll = office.publish()
    path = f"/polls/{poll.poll_id.hex()}/announcement"
    reason = {"ru": "Постановление отменено судом."}
    with httpx.Client(transport=httpx.MockTransport(office.box)) as http:
        Speaker(office.engine, office.keys, office.settings.url, http).say("cancellation", poll, reason)
    shown, text = client.get(path).text, client.get(f"{path}.txt").text
    for said in (shown, text):
        assert "Голосование отменено." in said
        assert reason["ru"] in said
        assert f"{CLIENT_URL}/?poll=" not in said
    assert client.get(f"{path}.pdf").status_code == 404


@pytest.mark.parametrize("ending", ["", ".txt", ".pdf"])
def test_a_poll_that_is_not_published_is_not_announced(client: FlaskClient, ending: str) -> None:
    answer = client.get(f"/polls/{'0' * 64}/announcement{ending}")
    assert answer.headers["Cache-Control"] == "no-store", "it may be published in a moment"
    assert client.get(f"/polls/{'00' * 32}/announcement{ending}").status_code == 404
    assert client.get(f"/polls/nonsense/announcement{ending}").status_code == 404


@pytest.mark.attack("A26")
def test_what_an_administrator_typed_cannot_become_markup() -> None:
    poll = sample_poll(title={"ru": "<script>alert(1)</script>", "en": "<b>"})
    assert "<script>alert" not in page(announce(poll, TRUST, "ru"), "x.css")
    assert page_count(poster(announce(poll, TRUST, "ru"))) == 1


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_sealed_poll_names_its_trustees_and_the_fingerprint_of_their_key(language: Language) -> None:
    poll = sample_poll(**sealed(b"k" * 32))
    said = announce(poll, TRUST, language)
    assert poll.manifest.sealing is not None
    assert "Б. Б. Второй" in said.trustees
    assert poll.manifest.sealing.fingerprint in said.trustees
    assert any("2" in line and "3" in line for line in said.caveats)
    assert any(line in plain_text(said) for line in said.caveats)


def test_a_poll_that_the_box_opens_is_said_to_be_open_to_the_operator() -> None:
    automatic = sealed(b"k" * 32, custodian="automatic", threshold=1, trustees=[])
    said = announce(sample_poll(**automatic), TRUST, "ru")
    assert "не от оператора" in said.caveats[0]
    assert said.trustees == ""
