"""What checks say of what they saw, in Russian, for the page; the rest it shows in English."""

import re
from typing import Final

_SENTENCES: Final = {
    r"(\d+) questions, (\d+) issuers": "вопросов: {}, регистраторов: {}",
    r"trust root ([0-9a-f]{64})": "отпечаток доверенных ключей {}",
    r"(\d+) signatures": "подписей: {}",
    r"(\S+), (\d+) bits, k = (\d+)": "{}, длина ключа {} бит, нужно подписей: {}",
    r"size (\d+), root ([0-9a-f]{64})": "записей: {}, корень {}",
    r"(\d+) leaves, (\d+) tiles": "записей: {}, плиток: {}",
    r"no earlier checkpoint given \(--checkpoint\)": "прежних контрольных точек не дано (--checkpoint)",
    r"(\d+) earlier checkpoints": "прежних контрольных точек: {}",
    r"leaf 0 is the manifest": "запись 0 — условия голосования",
    r"the poll is not closed yet": "голосование ещё не закрыто",
    r"closed with (\d+) ballots": "закрыт, бюллетеней: {}",
    r"cancelled after (\d+) ballots, signed by (\d+) issuers": "отменено, бюллетеней: {}, подписей: {}",
    r"(\d+) ballots": "бюллетеней: {}",
    r"tokens of (\d+) ballots": "бюллетеней: {}",
    r"(\d+) ballots, (\d+) replaced by a later one": "бюллетеней: {}, заменены более поздними: {}",
    r"no receipt given \(--receipt\)": "квитанций не дано (--receipt)",
    r"(\d+) receipts": "квитанций: {}",
    r"(\d+) ballots are still due": "срок публикации ещё не прошёл, бюллетеней: {}",
    r"the poll is cancelled": "голосование отменено",
    r"the result is not published yet": "результат ещё не опубликован",
    r"(\d+) valid, (\d+) invalid": "действительных: {}, недействительных: {}",
    r"the issuance log is not published yet": "журнал выдачи ещё не опубликован",
    r"the issuance log is not closed yet": "журнал выдачи ещё не закрыт",
    r"issued ([\d, ]+)": "выдано: {}",
    r"no manifest of another poll given \(--other\)": "других голосований для сравнения не дано (--other)",
    r"(\d+) token keys beside (\d+) of other polls": "ключей: {}, в других голосованиях: {}",
    r"no witness given \(--witness\)": "свидетели не названы (--witness)",
    r"(\d+) of (\d+) witnesses cosigned each of (\d+) logs": "заверили свидетели: {} из {}, журналов: {}",
    r"entry (\d+) of a catalogue of (\d+)": "запись {} каталога, всего записей: {}",
    r"the answers are not sealed": "ответы не скрывались",
    r"the poll waits for its opening": "голосование ждёт вскрытия",
    r"the poll is not opened": "голосование не вскрыто",
    r"cancelled, and not opened": "отменено и не вскрыто",
    r"opened by the ballot box, which had the key": "вскрыла урна: ключ был у неё",
    r"opened by (\d+) of (\d+) trustees": "вскрыли хранители ключа: {} из {}",
    r"not asked for \(--client\)": "не запрошено (--client)",
    r"no trust root given \(--trust\).*": "доверенных ключей не дано (--trust): неизвестно, чьи это",
    r"no valid manifest": "нет верных условий голосования",
    r"the manifest's keys are unsound": "ключи голосования ненадёжны",
    r"no signed checkpoint": "нет подписанной контрольной точки",
    r"(\d+) faults": "записей с нарушением: {}",
}


def in_russian(detail: str) -> str | None:
    """The same sentence; None where it is of another kind."""
    for pattern, russian in _SENTENCES.items():
        if found := re.fullmatch(pattern, detail):
            return russian.format(*found.groups())
    return None
