"""Applications for access: made by anybody, decided by the operator, forgotten in time."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DatabaseError

from issuer.admin import acts, applications, officials
from issuer.admin.purge import purge
from issuer.admin.tables import admin_act
from shared.db import read, write
from shared.spreadsheet import guarded
from tests.issuer.admin.clerk import BARNAUL, Clerk
from tests.issuer.admin.conftest import Hire
from tests.issuer.office import Office

FIELDS = {
    "oktmo": BARNAUL,
    "administration": "Администрация города Барнаула",
    "full_name": "Учебнов Пётр Сказкович",
    "position": "Главный специалист",
    "birth_date": "1980-05-06",
    "snils": "000-000-602 20",
    "confirmed": "y",
    "email": "office@example.org",
    "phone": "+7 3852 00-00-00",
    "starts_on": "2026-11-23",
    "ends_on": "2027-11-23",
    "head_position": "Глава города",
    "head_name": "Примеров П. П.",
}
TOO_LONG = b"%PDF-" + b"x" * (10 * 1024 * 1024)
SCAN = b"%PDF-1.4\n% signed and stamped\n"


@pytest.fixture
def applicant(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def operator(employ: Hire) -> Clerk:
    return employ("operator")


def send(applicant: FlaskClient, code: str | None = None, **changes: Any) -> int:
    data = {"code": code or applications.new_code(), **FIELDS, **changes}
    return applicant.post("/admin/apply", data=data, base_url="https://localhost").status_code


def attach(applicant: FlaskClient, scan: bytes = SCAN) -> int:
    files = {"scan": (io.BytesIO(scan), "scan.pdf")}
    return applicant.post("/admin/apply/scan", data=files, base_url="https://localhost").status_code


def only(office: Office) -> applications.Application:
    with read(office.engine) as conn:
        (found,) = applications.listed(conn, 0, 2)
    return found


def test_an_approved_application_gives_access_for_its_period(
    applicant: FlaskClient, operator: Clerk, office: Office
) -> None:
    assert (send(applicant), attach(applicant)) == (303, 303)
    number = only(office).number
    for act in ("receive", "approve"):
        assert operator.post(f"/applications/{number}/{act}").status_code == 303
    person = office.keys.official("00000060220")
    for days, expected in ((0, True), (364, True), (366, False), (-2, False)):
        with read(office.engine) as conn:
            found = officials.acting(conn, person, office.watch() + timedelta(days=days))
        assert (found is not None) is expected


def test_the_operator_reads_dates_and_numbers_as_people_write_them(
    applicant: FlaskClient, operator: Clerk, office: Office
) -> None:
    send(applicant)
    page = operator.get(f"/applications/{only(office).number}").text.replace("\u00a0", " ")
    assert "000-000-602 20" in page
    assert FIELDS["birth_date"] not in page


def test_without_the_signed_paper_nothing_is_approved(
    applicant: FlaskClient, operator: Clerk, office: Office
) -> None:
    send(applicant)
    assert operator.post(f"/applications/{only(office).number}/approve").status_code == 409


def test_the_same_form_sent_twice_is_one_application(applicant: FlaskClient, office: Office) -> None:
    code = applications.new_code()
    assert [send(applicant, code), send(applicant, code)] == [303, 303]
    assert only(office).stage == "made"
    with read(office.engine) as conn:
        assert [act.act for act in acts.every(conn)] == ["application-made"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("snils", "112-233-445 96", "Проверьте СНИЛС"),
        ("snils", "12", "Слишком коротко"),
        ("birth_date", "2020-01-01", "Проверьте дату рождения"),
        ("birth_date", "вчера", "Укажите дату"),
        ("oktmo", "", "Выберите муниципальное образование"),
        ("confirmed", "", "Без подтверждённой учётной записи"),
        ("ends_on", "2026-11-01", "Конец срока раньше начала"),
        ("ends_on", "2036-11-01", "не больше трёх лет"),
        ("ends_on", "9999-12-31", "Укажите дату"),
        ("full_name", "Учебнов\0 Пётр", "знак, которого не видно"),
        ("email", "не почта", "Проверьте адрес почты"),
        ("phone", "звоните", "Проверьте номер телефона"),
        ("full_name", "", "Фамилия, имя, отчество: Заполните это поле"),
    ],
)
def test_each_mistake_is_named_and_what_was_typed_stays(
    applicant: FlaskClient, office: Office, field: str, value: str, sentence: str
) -> None:
    data = {"code": applications.new_code(), **FIELDS, field: value}
    answer = applicant.post("/admin/apply", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-mistake"' in answer.text
    assert sentence in answer.text
    assert "Администрация города Барнаула" in answer.text
    with read(office.engine) as conn:
        assert applications.listed(conn, 0, 1) == []


@pytest.mark.parametrize(
    "scan",
    [b"", b"MZ\x90", b"<svg onload=alert(1)>", b"%PDF-" + b"x" * (10 * 1024 * 1024), bytes(12_000_000)],
)
def test_only_a_pdf_or_a_picture_is_taken_as_scan(
    applicant: FlaskClient, office: Office, scan: bytes
) -> None:
    send(applicant)
    assert attach(applicant, scan) == 422
    assert only(office).scan_type is None


def test_a_refusal_tells_its_reason_to_the_applicant(
    applicant: FlaskClient, operator: Clerk, office: Office
) -> None:
    send(applicant)
    number = only(office).number
    assert operator.post(f"/applications/{number}/refuse", reason="").status_code == 422
    assert operator.post(f"/applications/{number}/refuse", reason="Нет печати").status_code == 303
    assert "Нет печати" in applicant.get("/admin/apply/status", base_url="https://localhost").text
    assert operator.post(f"/applications/{number}/approve").status_code == 409


def test_the_applicant_comes_back_with_the_code_and_nobody_else(
    applicant: FlaskClient, app: Flask, office: Office
) -> None:
    code = applications.new_code()
    send(applicant, code)
    stranger = app.test_client()
    assert stranger.post("/admin/apply/status", data={"code": applications.new_code()}).status_code == 422
    assert stranger.get("/admin/apply/paper.pdf").status_code == 404
    assert stranger.post("/admin/apply/status", data={"code": code.lower()}).status_code == 303


def test_access_can_be_prolonged_and_ended(operator: Clerk, employ: Hire) -> None:
    clerk = employ()
    where = f"/officials/{clerk.official_id.hex()}"
    assert operator.post(f"{where}/prolong", ends_on="2028-01-01").status_code == 303
    assert operator.post(f"{where}/prolong", ends_on="").status_code == 422
    clerk.office.watch.now += timedelta(minutes=1)
    assert clerk.get("/polls").status_code == 200
    assert operator.post(f"{where}/end").status_code == 303
    assert clerk.get("/polls").status_code == 403


def test_officials_and_their_papers_are_forgotten_in_time(
    applicant: FlaskClient, operator: Clerk, office: Office
) -> None:
    send(applicant)
    attach(applicant)
    operator.post(f"/applications/{only(office).number}/approve")
    end = office.watch() + timedelta(days=366)
    for later, kept in ((89, 1), (92, 0)):
        purge(office.engine, end + timedelta(days=later), kept_days=90)
        with read(office.engine) as conn:
            assert len(applications.listed(conn, 0, kept + 1)) == kept
            assert sum(not found.is_operator for found in officials.everyone(conn)) == kept
            history = list(acts.every(conn))
    acts.check_chain(history)
    assert "Учебнов" not in str(history)


def test_the_list_of_unread_applications_has_an_end(
    applicant: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "MAX_WAITING", 1)
    assert [send(applicant), send(applicant)] == [303, 503]


def test_a_period_that_no_calendar_holds_is_no_mistake_of_ours(operator: Clerk, employ: Hire) -> None:
    where = f"/officials/{employ().official_id.hex()}/prolong"
    assert operator.post(where, ends_on="9999-12-31").status_code == 422


def test_a_page_of_the_log_beyond_all_numbers_is_the_newest(operator: Clerk) -> None:
    operator.post("/polls", new_id="a" * 32)
    answer = operator.get(f"/acts?before={10**30}")
    assert answer.status_code == 200
    assert "создан черновик" in answer.text


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_the_log_of_acts(operator: Clerk, office: Office, verb: str) -> None:
    operator.post("/polls", new_id="a" * 32)
    statement = admin_act.update().values(act="signed-in") if verb == "update" else admin_act.delete()
    with pytest.raises(DatabaseError), write(office.engine) as conn:
        conn.execute(statement)


@pytest.mark.attack("A28")
def test_a_changed_export_of_the_log_is_noticed(operator: Clerk, office: Office) -> None:
    for number in range(3):
        operator.post("/polls", new_id=str(number) * 32)
    with read(office.engine) as conn:
        history = list(acts.every(conn))
    acts.check_chain(history)
    with pytest.raises(acts.ChainBroken, match="act 2"):
        acts.check_chain([history[0], history[2]])


@pytest.mark.attack("A26")
def test_the_exports_hold_every_act_and_no_formula(operator: Clerk) -> None:
    operator.post("/polls", new_id="a" * 32)
    table = operator.get("/acts.csv").data.decode("utf-8-sig")
    assert "draft-made" in table
    assert operator.get("/acts.json").get_json(force=True)["acts"][-1]["act"] == "draft-made"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_spreadsheet_takes_a_text_for_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
