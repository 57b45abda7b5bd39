"""The words of the sign-in pages, in Russian and English, by the same keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from issuer.oauth.store import Language

MESSAGES: Final[Mapping[Language, Mapping[str, str]]] = {
    "ru": {
        "switch": "English",
        "service": "Вход для голосования",
        "choose_title": "Подтвердите участие",
        "choose_lead": "Госуслуги подтвердили, что вы можете участвовать.",
        "forgotten": "Имя, СНИЛС, дату рождения и адрес мы уже забыли: система их не хранит.",
        "wanted": "Вы пришли проголосовать",
        "others": "Вы можете участвовать и здесь",
        "binding": "Отметьте, если хотите получить эти бюллетени сейчас на это устройство. "
        "Получить их потом на другом устройстве будет нельзя.",
        "refused": "Здесь участвовать не получится",
        "until": "До {time}",
        "already": "Бюллетень вам уже выдавали. Продолжить можно только на том устройстве и в том браузере, "
        "где вы его получили.",
        "get_ballot": "Получить бюллетень",
        "cancel": "Отменить",
        "none_chosen": "Отметьте хотя бы одно голосование.",
        "what_to_do": "Что делать",
        "elsewhere": "Вы можете участвовать в других голосованиях",
        "asked_for": "Голосование «{title}»",
        "back": "Вернуться к голосованию",
        "all_polls": "К списку голосований",
        "again": "Повторить вход",
        "interrupted_title": "Госуслуги не ответили",
        "interrupted_lead": "Вход через Госуслуги сейчас не получился. Ничего не потеряно.",
        "interrupted_help": "Подождите минуту и повторите вход. Если не получится несколько раз, "
        "вернитесь к голосованию позже.",
        "failed_title": "Страница не открылась",
        "support": "Поддержка Госуслуг: 8\u00a0800\u00a0100\u201170\u201110, звонок бесплатный.",
        "centres": "Список центров обслуживания на карте",
        "help": "Помощь на Госуслугах",
    },
    "en": {
        "switch": "Русский",
        "service": "Sign-in for voting",
        "choose_title": "Confirm that you take part",
        "choose_lead": "Gosuslugi has confirmed that you may take part.",
        "forgotten": "We have already forgotten your name, SNILS, date of birth and address: "
        "the system does not keep them.",
        "wanted": "You came to vote in",
        "others": "You may take part here, too",
        "binding": "Tick these if you want their ballots now, on this device. "
        "You will not be able to get them later on another device.",
        "refused": "You cannot take part here",
        "until": "Until {time}",
        "already": "You were given this ballot before. You can go on only on the device and in the browser "
        "where you got it.",
        "get_ballot": "Get the ballot",
        "cancel": "Cancel",
        "none_chosen": "Tick at least one poll.",
        "what_to_do": "What to do",
        "elsewhere": "You may take part in other polls",
        "asked_for": "The poll “{title}”",
        "back": "Back to the poll",
        "all_polls": "To the list of polls",
        "again": "Sign in again",
        "interrupted_title": "Gosuslugi did not answer",
        "interrupted_lead": "Signing in through Gosuslugi did not work just now. Nothing is lost.",
        "interrupted_help": "Wait a minute and sign in again. If it fails several times, "
        "come back to the poll later.",
        "failed_title": "The page did not open",
        "support": "Gosuslugi support: 8\u00a0800\u00a0100\u201170\u201110, the call is free.",
        "centres": "Service centres on the map",
        "help": "Help at Gosuslugi",
    },
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened, in a heading and a sentence, and what to do, in steps."""

    title: str
    why: str
    steps: tuple[str, ...]


ADVICE: Final[Mapping[Language, Mapping[str, Advice]]] = {
    "ru": {
        "account-not-confirmed": Advice(
            "Учётная запись не подтверждена",
            "Голосовать можно только с подтверждённой учётной записью Госуслуг.",
            (
                "Если учётной записи ещё нет, зарегистрируйтесь на Госуслугах. Понадобятся паспорт, СНИЛС "
                "и номер телефона или электронная почта.",
                "Подтвердите личность: придите с паспортом и СНИЛС в центр обслуживания (в крае их "
                "больше 800) или закажите код подтверждения письмом.",
                "Вернитесь в голосование и войдите ещё раз.",
            ),
        ),
        "account-deleted": Advice(
            "Учётная запись удалена",
            "Вы вошли с учётной записью, которую на Госуслугах удалили.",
            ("Войдите с действующей учётной записью.", "Если её нет, зарегистрируйтесь заново."),
        ),
        "registration-missing": Advice(
            "Нет адреса регистрации",
            "В профиле Госуслуг нет адреса постоянной регистрации, а участие зависит от него.",
            (
                "Откройте на Госуслугах «Профиль», затем «Документы и данные», затем «Адреса».",
                "Добавьте адрес постоянной регистрации. Адрес проживания его не заменяет.",
                "Войдите в голосование ещё раз.",
            ),
        ),
        "address-not-recognised": Advice(
            "Адрес не нашёлся в реестре",
            "По адресу регистрации из профиля Госуслуг не получилось определить муниципалитет.",
            (
                "Откройте адрес регистрации в профиле Госуслуг и выберите его заново из подсказки.",
                "Войдите в голосование ещё раз.",
                "Если не помогло, сообщите организатору голосования: {contact}.",
            ),
        ),
        "address-not-verified": Advice(
            "Адрес не проверен",
            "В этом голосовании нужен адрес регистрации, который проверили Госуслуги.",
            (
                "Проверьте паспортные данные и адрес регистрации в профиле и дождитесь окончания проверки.",
                "Войдите в голосование ещё раз.",
            ),
        ),
        "not-resident": Advice(
            "Вы зарегистрированы в другом месте",
            "Голосование проводится для тех, кто зарегистрирован здесь: {territory}.",
            (
                "Если вы переехали, обновите адрес регистрации в профиле Госуслуг и войдите ещё раз.",
                "Если адрес в профиле верный, выберите голосование своего муниципалитета.",
            ),
        ),
        "too-young": Advice(
            "Вы ещё не можете участвовать",
            "Участвовать могут те, кому к началу голосования уже {age}.",
            ("Если дата рождения в профиле Госуслуг неверна, исправьте её и войдите ещё раз.",),
        ),
        "poll-unknown": Advice(
            "Такого голосования нет", "Возможно, ссылка неверна.", ("Выберите голосование из списка.",)
        ),
        "poll-not-open": Advice(
            "Голосование ещё не началось", "Бюллетени пока не выдаются.", ("Вернитесь, когда оно начнётся.",)
        ),
        "poll-closed": Advice(
            "Голосование завершено", "Бюллетени больше не выдаются.", ("Посмотрите итоги на его странице.",)
        ),
        "sign-in-expired": Advice(
            "Вход не завершён",
            "Прошло больше десяти минут, или вход начат в другой вкладке, или он уже закончен.",
            ("Вернитесь к голосованию и войдите ещё раз. Ничего не потеряно.",),
        ),
        "malformed-request": Advice(
            "Вход не начался",
            "Страница, с которой вы пришли, передала не то, что нужно для входа.",
            ("Вернитесь к голосованию и войдите ещё раз с его страницы.",),
        ),
    },
    "en": {
        "account-not-confirmed": Advice(
            "The account is not confirmed",
            "Only those with a confirmed Gosuslugi account may vote.",
            (
                "If you have no account yet, register at Gosuslugi. You need your passport, SNILS, and a "
                "phone number or e-mail address.",
                "Confirm who you are: bring passport and SNILS to a service centre (there are over 800 in "
                "the region), or order a confirmation code by post.",
                "Come back to the poll and sign in again.",
            ),
        ),
        "account-deleted": Advice(
            "The account is deleted",
            "You signed in with an account that was deleted at Gosuslugi.",
            ("Sign in with a working account.", "If there is none, register anew."),
        ),
        "registration-missing": Advice(
            "There is no registration address",
            "Your Gosuslugi profile has no address of permanent registration, and taking part depends on it.",
            (
                "At Gosuslugi, open Profile, then Documents and data, then Addresses.",
                "Add the address of your permanent registration. Where you live does not replace it.",
                "Sign in to the poll again.",
            ),
        ),
        "address-not-recognised": Advice(
            "The address is not in the register",
            "The registration address in your Gosuslugi profile does not tell us your municipality.",
            (
                "Open the registration address in your Gosuslugi profile and choose it anew from the list.",
                "Sign in to the poll again.",
                "If that does not help, tell the organiser of the poll: {contact}.",
            ),
        ),
        "address-not-verified": Advice(
            "The address is not verified",
            "This poll needs a registration address that Gosuslugi has verified.",
            (
                "Check passport data and registration address in your profile and wait until both are "
                "verified.",
                "Sign in to the poll again.",
            ),
        ),
        "not-resident": Advice(
            "You are registered elsewhere",
            "The poll is for those who are registered here: {territory}.",
            (
                "If you have moved, update the registration address in your Gosuslugi profile and sign in "
                "again.",
                "If the address in the profile is right, choose a poll of your own municipality.",
            ),
        ),
        "too-young": Advice(
            "You cannot take part yet",
            "Those may take part who are {age} old when the poll opens.",
            ("If the date of birth in your Gosuslugi profile is wrong, correct it and sign in again.",),
        ),
        "poll-unknown": Advice(
            "There is no such poll", "The link may be wrong.", ("Choose a poll from the list.",)
        ),
        "poll-not-open": Advice(
            "The poll has not opened yet", "No ballots are given yet.", ("Come back when it opens.",)
        ),
        "poll-closed": Advice(
            "The poll is closed", "No more ballots are given.", ("See the result on its page.",)
        ),
        "sign-in-expired": Advice(
            "The sign-in was not finished",
            "More than ten minutes have passed, or a sign-in was begun in another tab, or it is over.",
            ("Go back to the poll and sign in again. Nothing is lost.",),
        ),
        "malformed-request": Advice(
            "The sign-in did not begin",
            "The page you came from did not send what a sign-in needs.",
            ("Go back to the poll and sign in again from its page.",),
        ),
    },
}
