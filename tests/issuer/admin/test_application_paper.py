"""The application on paper: what the region's form asks for, on one accessible page, and nothing hidden."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from issuer.admin.application_paper import paper
from issuer.admin.applications import Application, Fields
from tests.pdf import check_accessible, keep, page_count, unpacked

FIELDS = Fields(
    oktmo="01701000",
    administration="Администрация города Барнаула",
    full_name="Образцова Анна Петровна",
    position="Начальник отдела по работе с обращениями граждан",
    birth_date="1985-02-03",
    snils="00000060002",
    confirmed=True,
    email="obraztsova@barnaul.example",
    phone="+7 (3852) 00-00-00",
    starts_on="2026-12-01",
    ends_on="2027-11-30",
    head_position="Глава города Барнаула",
    head_name="И. И. Образцов",
)
APPLICATION = Application(bytes(32), "23456789", "made", FIELDS, "", None, datetime(2026, 11, 23, tzinfo=UTC))


@pytest.fixture(scope="module")
def document() -> bytes:
    document = paper(APPLICATION)
    keep(document, "application.pdf")
    return document


def test_the_paper_is_one_accessible_page(document: bytes) -> None:
    check_accessible(document, title="Заявка на получение доступа № 23456789")
    assert page_count(document) == 1


def test_the_metadata_name_nobody(document: bytes) -> None:
    plain = unpacked(document)
    for fact in (FIELDS.full_name, FIELDS.snils, FIELDS.email, FIELDS.phone, FIELDS.head_name):
        assert fact.encode() not in plain
        assert fact.encode("utf-16-be") not in plain
    assert b"/Author" not in plain
    assert b"<dc:creator>" not in plain


def test_long_names_stay_on_the_page() -> None:
    fields = replace(
        FIELDS,
        administration="Администрация Косихинского муниципального округа Алтайского края",
        position="Заведующий сектором по взаимодействию с территориальным общественным самоуправлением, " * 2,
        head_position="Исполняющий полномочия главы муниципального округа",
        head_name="К. К. Длиннофамильнов-Алтайский",
        email="d" * 100,
    )
    document = paper(replace(APPLICATION, fields=fields))
    keep(document, "application-long.pdf")
    assert page_count(document) == 1
