"""RFC 9457 problems: the one table from refusals to status and sentences (docs/protocol.md section 10)."""

from dataclasses import dataclass
from typing import Final, Literal

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared import refusals
from shared.encoding import canonical_json
from shared.logs import log_failure
from shared.refusals import Refusal

TYPE_PREFIX: Final = "urn:veche:problem:"
RETRY_AFTER_SECONDS: Final = 5
EXTENSION: Final = "veche-home"
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The policy of pages that are made here: style from ourselves, nothing else."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Status and sentences of a refusal: what happened and what to do, in Russian and English."""

    status: int
    ru: str
    en: str


PROBLEMS: Final[dict[type[Refusal], Problem]] = {
    refusals.MalformedRequest: Problem(
        400,
        "Запрос составлен неверно. Обновите страницу и повторите.",
        "The request is malformed. Reload the page and try again.",
    ),
    refusals.NotAuthorized: Problem(
        401,
        "Вход не подтверждён или его время истекло. Войдите через Госуслуги ещё раз.",
        "The sign-in is missing or has expired. Sign in through Gosuslugi again.",
    ),
    refusals.PollNotGranted: Problem(
        403,
        "При входе это голосование не было выбрано. Войдите ещё раз со страницы голосования.",
        "This poll was not chosen at sign-in. Sign in again from the poll's page.",
    ),
    refusals.IssuerUnknown: Problem(
        403,
        "Публикация не принята: регистратор неизвестен или подпись неверна.",
        "Publication refused: the issuer is not known here or its signature is wrong.",
    ),
    refusals.PollUnknown: Problem(
        404,
        "Такого голосования нет. Проверьте ссылку или откройте список голосований.",
        "There is no such poll. Check the link or open the list of polls.",
    ),
    refusals.NotFound: Problem(
        404,
        "Такой страницы нет. Проверьте адрес.",
        "There is no such page. Check the address.",
    ),
    refusals.MethodNotAllowed: Problem(
        405,
        "Так к этому адресу обратиться нельзя.",
        "This address does not take such a request.",
    ),
    refusals.TokenAlreadyIssued: Problem(
        409,
        "Вы уже получили бюллетень этого голосования на другом устройстве или в другом браузере. "
        "Продолжите там, где начали.",
        "You were already given a ballot of this poll on another device or browser. "
        "Continue where you began.",
    ),
    refusals.BallotAlreadyCast: Problem(
        409,
        "Этим ключом уже отправлен другой бюллетень. Учтён первый.",
        "Another ballot was already cast with this key. The first one counts.",
    ),
    refusals.ManifestRefused: Problem(
        422,
        "Описание голосования не принято: оно нарушает правила протокола.",
        "The manifest is refused: it breaks the rules of the protocol.",
    ),
    refusals.ReleaseRefused: Problem(
        422,
        "Выпуск клиента не принят: он не подписан большинством регистраторов или уже опубликован иначе.",
        "The client release is refused: most issuers did not sign it, or it was published otherwise before.",
    ),
    refusals.BlindedMessageInvalid: Problem(
        422,
        "Запрос на бюллетень повреждён. Обновите страницу и повторите.",
        "The request for a ballot is damaged. Reload the page and try again.",
    ),
    refusals.BallotMalformed: Problem(
        422,
        "Бюллетень повреждён и не принят. Обновите страницу и отправьте его ещё раз.",
        "The ballot is damaged and was not taken. Reload the page and send it again.",
    ),
    refusals.TokenInvalid: Problem(
        422,
        "Право голоса в бюллетене не подтверждается. Бюллетень не принят.",
        "The ballot's token does not verify. The ballot was not taken.",
    ),
    refusals.BallotSignatureInvalid: Problem(
        422,
        "Подпись бюллетеня неверна. Бюллетень не принят.",
        "The ballot's signature is wrong. The ballot was not taken.",
    ),
    refusals.AnswersInvalid: Problem(
        422,
        "Ответы не соответствуют правилам голосования. Проверьте их и отправьте ещё раз.",
        "The answers break the rules of the poll. Check them and send again.",
    ),
    refusals.PollNotOpen: Problem(
        403,
        "Голосование ещё не началось. Время начала указано на его странице.",
        "The poll has not opened yet. Its page names the time.",
    ),
    refusals.PollClosed: Problem(
        403,
        "Голосование завершено. Итоги опубликованы на его странице.",
        "The poll is closed. The result is on its page.",
    ),
    refusals.OpeningRefused: Problem(
        422,
        "Ключ не принят: он не от этого голосования, или это голосование не вскрывают.",
        "The key is refused: it is not the one of this poll, or this poll is not to be opened.",
    ),
    refusals.OpeningTooEarly: Problem(
        403,
        "Вскрывать рано: голосование ещё не завершено или его журнал ещё не закрыт.",
        "It is too early to open: the poll is not over, or its log is not closed yet.",
    ),
    refusals.TooLarge: Problem(
        413,
        "Запрос слишком велик.",
        "The request is too large.",
    ),
    refusals.MediaTypeUnsupported: Problem(
        415,
        "Данные присланы в неподходящем виде.",
        "The data came in an unsuitable media type.",
    ),
    refusals.BoxReadOnly: Problem(
        503,
        "Приём бюллетеней остановлен для проверки. Ваш бюллетень сохранён на вашем устройстве, "
        "отправьте его позже.",
        "Casting is stopped for a check. Your ballot is kept on your device, send it later.",
    ),
    refusals.StorageFull: Problem(
        503,
        "Приём остановлен: на сервере кончается место. Ваш бюллетень сохранён на вашем устройстве, "
        "отправьте его позже.",
        "Nothing is taken: the server is running out of storage. Your ballot is kept on your device, "
        "send it later.",
    ),
    refusals.Unavailable: Problem(
        503,
        "Сервис временно недоступен. Повторите через несколько минут.",
        "The service is unavailable for now. Try again in a few minutes.",
    ),
    refusals.EsiaUnavailable: Problem(
        503,
        "Госуслуги сейчас не отвечают. Повторите вход через несколько минут.",
        "Gosuslugi does not answer now. Sign in again in a few minutes.",
    ),
    refusals.InternalError: Problem(
        500,
        "Произошла ошибка на нашей стороне. Ничего не изменилось, повторите позже.",
        "An error happened on our side. Nothing has changed, try again later.",
    ),
    refusals.AccountNotConfirmed: Problem(
        403,
        "Учётная запись Госуслуг не подтверждена. Подтвердите её в центре обслуживания, в банке "
        "или электронной подписью и войдите снова.",
        "The Gosuslugi account is not confirmed. Confirm it at a service centre, a bank or by an electronic "
        "signature and sign in again.",
    ),
    refusals.AccountDeleted: Problem(
        403,
        "Эта учётная запись Госуслуг удалена. Войдите с действующей учётной записью.",
        "This Gosuslugi account is deleted. Sign in with a working one.",
    ),
    refusals.RegistrationMissing: Problem(
        403,
        "В профиле Госуслуг нет адреса регистрации. Добавьте его в разделе «Адреса» и войдите снова.",
        "The Gosuslugi profile has no registration address. Add it there and sign in again.",
    ),
    refusals.AddressNotRecognised: Problem(
        403,
        "Адрес регистрации не найден в адресном реестре. Выберите его в профиле Госуслуг из подсказки "
        "и войдите снова. Если не помогло, сообщите организатору.",
        "The registration address is not in the address register. Choose it from the suggestions in the "
        "Gosuslugi profile and sign in again. If that does not help, tell the organiser.",
    ),
    refusals.AddressNotVerified: Problem(
        403,
        "Адрес регистрации в профиле Госуслуг не проверен. Дождитесь проверки и войдите снова.",
        "The registration address in the Gosuslugi profile is not verified. "
        "Wait for the check and sign in again.",
    ),
    refusals.NotResident: Problem(
        403,
        "Голосование проводится для жителей другой территории. По адресу регистрации вы в неё не входите.",
        "The poll is for residents of another territory. Your registration address is outside of it.",
    ),
    refusals.TooYoung: Problem(
        403,
        "Вы не достигли возраста, с которого можно участвовать в этом голосовании.",
        "You have not reached the age from which one may take part in this poll.",
    ),
    refusals.SignInCancelled: Problem(
        403,
        "Вход через Госуслуги отменён. Чтобы проголосовать, войдите снова.",
        "The sign-in through Gosuslugi was cancelled. To vote, sign in again.",
    ),
    refusals.SignInExpired: Problem(
        403,
        "Время входа истекло. Начните со страницы голосования ещё раз.",
        "The sign-in has expired. Start again from the poll's page.",
    ),
}

_TITLES: Final[dict[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

_HTTP_REFUSALS: Final[dict[int, type[Refusal]]] = {
    404: refusals.NotFound,
    405: refusals.MethodNotAllowed,
    413: refusals.TooLarge,
    415: refusals.MediaTypeUnsupported,
}


def preferred_language() -> Literal["ru", "en"]:
    """The language of the current request: Russian unless English is preferred."""
    return "en" if request.accept_languages.best_match(["ru", "en"], default="ru") == "en" else "ru"


def problem_response(kind: type[Refusal]) -> Response:
    """The problem document of a refusal, in the language asked for. It never tells what was refused."""
    problem = PROBLEMS[kind]
    if _by_a_person():
        return _problem_page(problem)
    language = preferred_language()
    body = canonical_json(
        {
            "detail": problem.en if language == "en" else problem.ru,
            "status": problem.status,
            "title": _TITLES[problem.status],
            "type": TYPE_PREFIX + kind.slug,
        }
    )
    response = Response(body, problem.status, content_type="application/problem+json")
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _by_a_person() -> bool:
    """Whether somebody came to this address with a browser: programs and scripts ask for no page."""
    accepted = request.accept_mimetypes
    return request.method == "GET" and accepted["text/html"] > accepted["application/problem+json"]


def _problem_page(problem: Problem) -> Response:
    """The same for people, in both languages."""
    said = {"ru": problem.ru.partition(". "), "en": problem.en.partition(". ")}
    page = render_template("problem.html", said=said, home=current_app.extensions[EXTENSION])
    response = Response(page, problem.status)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def register_problems(app: Flask, home: str = "/") -> None:
    """Make every refusal, HTTP error and unexpected exception of an app a problem; for people, a page.

    `home`: where that page leads.
    """
    app.extensions[EXTENSION] = home
    app.before_request(_refuse_nul)
    app.register_error_handler(Refusal, lambda refusal: problem_response(type(refusal)))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _refuse_nul() -> None:
    """Nothing of ours is named with a NUL, and PostgreSQL takes none in a text."""
    if "\0" in request.path:
        raise refusals.NotFound


def _http_error(error: HTTPException) -> Response:
    if error.code is not None and 300 <= error.code < 400:
        return Response(error.get_body(), error.code, headers=error.get_headers())
    response = problem_response(_HTTP_REFUSALS.get(error.code or 500, refusals.MalformedRequest))
    if isinstance(error, MethodNotAllowed) and error.valid_methods is not None:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    log_failure("unexpected-error", error)
    return problem_response(refusals.InternalError)
