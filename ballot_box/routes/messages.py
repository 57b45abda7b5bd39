"""The words of the page, in Russian and English."""

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "name": "Вече: урна для бюллетеней",
        "heading": "Урна для бюллетеней",
        "lead": "Здесь хранятся бюллетени всех голосований и открытые журналы, по которым любой может "
        "пересчитать итоги.",
        "promise": "Урна не знает, кто голосует: ей не передают ни имён, ни данных Госуслуг. Вместе "
        "с бюллетенем она не сохраняет ни сетевого адреса, ни времени, ни сведений об устройстве.",
        "vote_lead": "Проголосовать и проверить свой бюллетень можно на сайте голосований:",
        "polls": "Голосования",
        "none": "Голосований пока нет.",
        "opens": "Начнётся {}",
        "open": "Идёт до {}",
        "closed": "Завершено {}",
        "ballots": "Бюллетеней в открытом журнале: ",
        "vote": "Перейти к голосованию",
        "read": "Открыть страницу голосования",
        "data": "Открытые данные",
        "manifest": "условия",
        "signatures": "подписи условий",
        "log": "журнал",
        "state": "состояние",
        "result": "итоги",
        "result_signature": "подпись итогов",
        "trust": "Ключи для проверки",
        "trust_about": "Подписи проверяют по файлу с ключами этой урны и регистраторов. Сверьте отпечаток "
        "файла (SHA-256) с тем, что опубликовал организатор:",
        "trust_link": "Открыть файл",
        "switch": "English",
        "switch_to": "en",
    },
    "en": {
        "name": "Veche: ballot box",
        "heading": "Ballot box",
        "lead": "Here are the ballots of all polls and the public logs from which anyone can count the "
        "results again.",
        "promise": "The box does not know who votes: it is given no names and nothing from Gosuslugi. "
        "With a ballot it keeps no network address, no time and nothing about the device.",
        "vote_lead": "Vote and check your ballot on the site of the polls:",
        "polls": "Polls",
        "none": "There are no polls yet.",
        "opens": "Opens on {}",
        "open": "Open until {}",
        "closed": "Closed on {}",
        "ballots": "Ballots in the public log: ",
        "vote": "Go and vote",
        "read": "Open the poll's page",
        "data": "Public data",
        "manifest": "terms",
        "signatures": "signatures of the terms",
        "log": "log",
        "state": "state",
        "result": "result",
        "result_signature": "signature of the result",
        "trust": "Keys for checking",
        "trust_about": "Signatures are checked with the file of the keys of this box and of the issuers. "
        "Compare the file's fingerprint (SHA-256) with the one that the organiser has published:",
        "trust_link": "Open the file",
        "switch": "Русский",
        "switch_to": "ru",
    },
}
