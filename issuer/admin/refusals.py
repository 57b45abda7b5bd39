"""Why an act is refused: a status and two sentences in each language, what happened and what to do."""

from typing import ClassVar


class AdminRefusal(Exception):
    """The act is refused and nothing has changed."""

    status: ClassVar[int]
    ru: ClassVar[tuple[str, str]]
    en: ClassVar[tuple[str, str]]


class NotSignedIn(AdminRefusal):
    """No session, or its time is over."""

    status = 401
    ru = ("Вы не вошли, или время входа истекло", "Войдите через Госуслуги ещё раз.")
    en = ("You are not signed in, or the sign-in has expired", "Sign in through Gosuslugi again.")


class NoRole(AdminRefusal):
    """Signed in, without a role that is valid now."""

    status = 403
    ru = (
        "У этой учётной записи нет доступа",
        "Доступ получает тот, чья заявка одобрена, и только на указанный в ней срок. "
        "Подайте заявку или попросите оператора продлить доступ.",
    )
    en = (
        "This account has no access",
        "Access is given on an approved application and for its period only. "
        "Apply, or ask the operator to prolong your access.",
    )


class EsiaSilent(AdminRefusal):
    """ESIA does not answer, or not as it should."""

    status = 503
    ru = ("Госуслуги сейчас не отвечают", "Подождите минуту и войдите ещё раз.")
    en = ("Gosuslugi does not answer now", "Wait a minute and sign in again.")


class OfficialNotAllowed(AdminRefusal):
    """Another municipality's, another role's, or one's own to be checked by somebody else."""

    status = 403
    ru = (
        "Это действие вам недоступно",
        "Администратор работает только с голосованиями своего муниципального образования. "
        "Остальное делает оператор.",
    )
    en = (
        "You may not do this",
        "An administrator works on the polls of their own municipality. The operator does the rest.",
    )


class OwnWork(AdminRefusal):
    """The second pair of eyes must be somebody else's."""

    status = 403
    ru = (
        "Проверить должен другой человек",
        "Вы сами правили этот черновик. Попросите второго администратора или оператора проверить его.",
    )
    en = (
        "Somebody else must check this",
        "You edited this draft yourself. Ask a second administrator or the operator to check it.",
    )


class FormExpired(AdminRefusal):
    """A form of another session, or of another site."""

    status = 403
    ru = ("Форма устарела", "Ничего не изменилось. Откройте страницу заново и повторите.")
    en = ("The form has expired", "Nothing has changed. Open the page anew and try again.")


class NothingThere(AdminRefusal):
    """No such application, draft or poll."""

    status = 404
    ru = ("Такой страницы нет", "Проверьте адрес или начните со списка.")
    en = ("There is no such page", "Check the address, or start from the list.")


class ActNotPossible(AdminRefusal):
    """The thing is at another stage: somebody was quicker, or the form was sent twice."""

    status = 409
    ru = (
        "Сейчас это невозможно",
        "Состояние изменилось: возможно, это уже сделано. Откройте страницу заново.",
    )
    en = (
        "This is not possible now",
        "The state has changed: it may be done already. Open the page anew.",
    )


class ChangedMeanwhile(AdminRefusal):
    """Two people edited one draft, or one in two tabs."""

    status = 409
    ru = (
        "Черновик тем временем изменился",
        "Его сохранил другой человек, или вы в другой вкладке. "
        "Эти правки не сохранены, чтобы не стереть те. Скопируйте их и откройте черновик заново.",
    )
    en = (
        "The draft changed meanwhile",
        "Somebody else saved it, or you in another tab. "
        "These changes were not saved, lest they erase those. Copy them and open the draft anew.",
    )


class TooManyApplications(AdminRefusal):
    """The list of unread applications is full."""

    status = 503
    ru = ("Сейчас подать заявку нельзя", "Слишком много нерассмотренных заявок. Повторите завтра.")
    en = ("No application can be made now", "Too many applications are waiting. Try again tomorrow.")
