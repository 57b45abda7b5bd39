"""Four issuers, three of which must sign: the resident, a faulty issuer, a corrupt one (attack A29)."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Route

from crypto.blind_rsa import client as blind
from crypto.blind_rsa.signer import blind_sign
from crypto.signers import load_signer
from issuer.keys import open_keys
from issuer.settings import Settings
from shared.encoding import b64u, from_b64u
from shared.manifest import Poll
from shared.poll_keys import PollKeys
from shared.statements import Statement
from shared.token import Token
from shared.trust import parse_trust
from tests.e2e.axe import violations_in_every_colour
from tests.e2e.booth import Booth
from tests.programs.installation import Installation
from tests.programs.resident import Refused, Resident, TokenRequest

pytestmark = pytest.mark.e2e

CORRUPT = 3


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(Path(tmp_path_factory.mktemp("region")), issuers=4) as installation:
        yield installation


@pytest.fixture(scope="module")
def draft(region: Installation) -> Path:
    now = datetime.now(UTC)
    return region.write_draft(
        "barnaul", opens_at=now - timedelta(seconds=1), closes_at=now + timedelta(hours=1)
    )


@pytest.fixture(scope="module")
def poll(region: Installation, draft: Path) -> str:
    return region.publish_together(draft, threshold=3, faulty=1)


@pytest.fixture(scope="module")
def other_poll(region: Installation) -> str:
    """One that may be cancelled."""
    now = datetime.now(UTC)
    draft = region.write_draft(
        "barnaul", opens_at=now - timedelta(minutes=5), closes_at=now + timedelta(hours=1)
    )
    return region.publish_together(draft, threshold=3, faulty=1)


@pytest.fixture
def booth(browser: Browser, region: Installation) -> Iterator[Booth]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="ru-RU")
    yield Booth(context.new_page(), region.url("client"), "phone-four")
    context.close()


@pytest.fixture
def resident(region: Installation) -> Iterator[Resident]:
    with httpx.Client(timeout=30) as http:
        yield Resident(http, parse_trust(region.trust_file.read_bytes()), "barnaul-5")


def sign_in_at(booth: Booth, name: str, person: str) -> None:
    booth.page.get_by_role("button", name=f"Войти: {name}").click()
    booth.page.locator(f"button[value={person}]").click()
    booth.page.get_by_role("button", name="Получить бюллетень").click()


@pytest.fixture
def second_is_down(region: Installation) -> Iterator[None]:
    region.processes.stop("issuer-1")
    yield
    region.restart("issuer-1")


@pytest.mark.usefixtures("second_is_down")
def test_a_resident_collects_three_confirmations_past_an_issuer_that_is_down(booth: Booth, poll: str) -> None:
    booth.open_poll(poll)
    booth.text("всего входов: 3")
    booth.choose_person("barnaul-1")
    booth.page.get_by_role("button", name="Получить бюллетень").click()
    booth.see("collecting")
    booth.text("Получено подтверждений: 1 из 3")
    booth.text("Не отвечает: Регистратор Барнаула. Пока продолжим с другими.")
    assert violations_in_every_colour(booth.page) == []
    booth.page.get_by_role("button", name="Обойтись без этого сервиса: Регистратор Бийска").click()
    sign_in_at(booth, "Регистратор Рубцовска", "barnaul-1")
    booth.text("Получено подтверждений: 2 из 3")
    booth.page.reload()
    booth.text("Получено подтверждений: 2 из 3")
    sign_in_at(booth, "Регистратор Бийска", "barnaul-1")
    booth.see("question-1")
    booth.answer("Спорт")
    booth.answer("Фонтан")
    booth.send()
    booth.see("cast")
    booth.find_ballot()


@pytest.mark.attack("A33")
def test_a_garbage_signature_costs_nobody_the_vote_and_leaves_evidence(
    booth: Booth, poll: str, region: Installation
) -> None:
    def spoil(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        answer = route.fetch().json()
        spoilt = bytearray(from_b64u(answer["blind_signature"]))
        spoilt[-1] ^= 1
        route.fulfill(
            json=answer | {"blind_signature": b64u(bytes(spoilt))},
            headers={"Access-Control-Allow-Origin": booth.client},
        )

    booth.page.route(f"{region.url('issuer-1')}/polls/*/token", spoil)
    booth.open_poll(poll)
    booth.choose_person("barnaul-2")
    booth.page.get_by_role("button", name="Получить бюллетень").click()
    sign_in_at(booth, "Регистратор Барнаула", "barnaul-2")
    booth.text("Ответил неверно: Регистратор Барнаула")
    booth.picture("complaint")
    with booth.page.expect_download() as saved:
        booth.page.get_by_role("button", name="Сохранить жалобу в файл").click()
    assert [one["issuer"] for one in json.loads(saved.value.path().read_bytes())["complaints"]] == [1]
    sign_in_at(booth, "Регистратор Бийска", "barnaul-2")
    sign_in_at(booth, "Регистратор Рубцовска", "barnaul-2")
    booth.see("question-1")
    booth.answer("Спорт")
    booth.answer("Фонтан")
    booth.send()
    booth.see("cast")


def corrupt_token(region: Installation, poll: Poll, wanted: TokenRequest) -> Token:
    """What a corrupt issuer signs for its accomplice, asking nobody and logging nothing."""
    settings = {
        name.removeprefix("VECHE_ISSUER_").lower(): value
        for name, value in region.environment(f"issuer-{CORRUPT}").items()
        if name.startswith("VECHE_ISSUER_")
    }
    held = open_keys(Settings.model_validate(settings))
    public = PollKeys.of(poll).token_keys[CORRUPT]
    operation = load_signer(held.token_key(poll.poll_id))
    signature = blind_sign(public, operation, wanted.blinded.message)
    finalized = blind.finalize(public, wanted.prepared, signature, wanted.blinded.inverse)
    return Token(CORRUPT, wanted.prepared[:32], finalized)


@pytest.mark.attack("A29")
def test_a_resident_and_one_corrupt_issuer_together_get_one_ballot(
    resident: Resident, region: Installation, poll: str
) -> None:
    manifest = resident.read_poll(poll)
    first, second = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def honest(issuer: int, key: ec.EllipticCurvePrivateKey) -> Token:
        access = resident.sign_in([manifest], issuer)
        return resident.ask(access, resident.prepare(manifest, issuer, key), issuer)

    def corrupt(key: ec.EllipticCurvePrivateKey) -> Token:
        return corrupt_token(region, manifest, resident.prepare(manifest, CORRUPT, key))

    tokens = [honest(0, first), honest(1, first), corrupt(first)]
    other = [honest(2, second), corrupt(second)]
    with pytest.raises(Refused, match="token-already-issued"):
        honest(0, second)
    answers = {"purpose": ("walk",), "features": ()}
    ballot = resident.make_ballot(resident.prepare(manifest, 0, first), tokens, answers)
    assert resident.cast(manifest, ballot)
    wanted = resident.prepare(manifest, 0, second)
    for attempt in (other, [*other, other[1]], [tokens[0], *other]):
        with pytest.raises(Refused, match="token-invalid"):
            resident.cast(manifest, resident.make_ballot(wanted, attempt, answers))


@pytest.mark.attack("A29")
def test_two_of_three_with_one_corrupt_is_refused(region: Installation, draft: Path, tmp_path: Path) -> None:
    urls = [argument for name in region.issuer_names[:3] for argument in ("--issuer", region.url(name))]
    numbers = ["--threshold", "2", "--faulty", "1"]
    with pytest.raises(subprocess.CalledProcessError):
        region.run("veche-issuer", "poll", "propose", str(draft), str(tmp_path / "p.json"), *urls, *numbers)
    assert not (tmp_path / "p.json").exists()


def test_a_proposal_with_anothers_keys_in_our_place_is_not_signed(
    region: Installation, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    draft = region.write_draft("fair", opens_at=now, closes_at=now + timedelta(hours=1))
    proposal = tmp_path / "proposal.json"
    names = region.issuer_names[:2]
    urls = [argument for name in names for argument in ("--issuer", region.url(name))]
    numbers = ["--threshold", "2", "--faulty", "1"]
    region.run("veche-issuer", "poll", "propose", str(draft), str(proposal), *urls, *numbers)
    with pytest.raises(subprocess.CalledProcessError):
        region.run("veche-issuer", "poll", "sign", str(proposal))
    region.run("veche-issuer", "poll", "contribute-key", str(proposal), issuer=names[1])
    honest = proposal.read_bytes()
    members = json.loads(honest)
    ours, theirs = (members["contributions"][region.url(name)] for name in names)
    ours["token_key"], theirs["token_key"] = theirs["token_key"], ours["token_key"]
    proposal.write_text(json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True))
    with pytest.raises(subprocess.CalledProcessError):
        region.run("veche-issuer", "poll", "sign", str(proposal))
    proposal.write_bytes(honest)
    for name in names:
        region.run("veche-issuer", "poll", "sign", str(proposal), issuer=name)
    assert region.run("veche-issuer", "poll", "deliver", str(proposal), issuer=names[1])
    assert region.run("veche-issuer", "poll", "deliver", str(proposal), issuer=names[0])


def test_an_altered_text_is_not_countersigned_to_the_end(
    region: Installation, other_poll: str, tmp_path: Path
) -> None:
    """Two have signed one text; whoever changes it afterwards gets no valid third signature on it."""
    file = tmp_path / "decision.json"
    file.write_bytes(
        Statement("decision", bytes.fromhex(other_poll), {"ru": "Построим сквер.", "en": "Yes."}).encoded
    )
    for name in region.issuer_names[:2]:
        region.run("veche-issuer", "poll", "countersign", "--yes", "decision", str(file), issuer=name)
    file.write_bytes(file.read_bytes().replace("сквер".encode(), "рынок".encode()))
    with pytest.raises(subprocess.CalledProcessError):
        region.run("veche-issuer", "poll", "countersign", "--yes", "decision", str(file), issuer="issuer-2")
    assert httpx.get(f"{region.url('box')}/polls/{other_poll}/decision.json", timeout=10).status_code == 404


def test_a_cancellation_goes_round_the_issuers(region: Installation, other_poll: str, tmp_path: Path) -> None:
    """One signs after the other; the third brings it to the box, the fourth delivers the same bytes."""
    file = tmp_path / "cancellation.json"
    file.write_bytes(
        Statement(
            "cancellation", bytes.fromhex(other_poll), {"ru": "Отменено судом.", "en": "Cancelled."}
        ).encoded
    )
    said = [
        region.run("veche-issuer", "poll", "countersign", "--yes", "cancellation", str(file), issuer=name)
        for name in region.issuer_names
    ]
    assert [lines.splitlines()[-1] for lines in said] == [
        "next: countersign by 2 more",
        "next: countersign by 1 more",
        "delivered; countersign by the other issuers too",
        "delivered; countersign by the other issuers too",
    ]
    assert "Отменено судом." in said[0]
    shown = httpx.get(f"{region.url('box')}/polls/{other_poll}/cancellation.json", timeout=10)
    assert shown.content == file.read_bytes()
    assert len(shown.json()["signatures"]) == 3
