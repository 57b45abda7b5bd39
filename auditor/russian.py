"""What checks say of what they saw and of offending records, in Russian; the rest is shown in English."""

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
    r"(\d+) faults": "нарушений: {}",
    r"and (\d+) more": "и ещё {}",
    r"there is no manifest": "условий голосования нет",
    r"the manifest's hash is not the poll id": "отпечаток условий не равен номеру голосования",
    r"not the JSON of section 3\.7": "отмена написана не так, как требует протокол",
    r"(\S+): more than (\d+) bytes": "{}: длиннее {} байт",
    r"not canonical JSON": "запись не в той форме, какой требует протокол",
    r"issuer (\d+) is not in the trust root": "регистратора {} нет среди доверенных",
    r"the ballot box is not that of the trust root": "урна не та, которой доверяет проверяющий",
    r"the client's origin is not that of the trust root": (
        "адрес сайта для голосования не тот, которому доверяет проверяющий"
    ),
    r"not one signature by every issuer, ascending": (
        "подписей не столько, сколько регистраторов, или не в том порядке"
    ),
    r"the signature of issuer (\d+) is wrong": "подпись регистратора {} неверна",
    r"sealing key: not a point of P-256": "ключ, которым скрывают ответы, не годится",
    r"the log key of (\S+) is of another origin": "ключ журнала {} назван по другому адресу",
    r"token key of (\S+): a token key has 2048, 3072 or 4096 bits": (
        "ключ выдачи {}: длина не 2048, 3072 или 4096 бит"
    ),
    r"token key of (\S+): the exponent of a token key is 65537": (
        "ключ выдачи {}: показатель степени не 65537"
    ),
    r"token key of (\S+): the modulus has a small factor": "ключ выдачи {}: модуль делится на малое число",
    r"no signature by a known key": "нет подписи известным ключом",
    r"no signature block": "подписи нет",
    r"the entries do not give the checkpoint's root": "записи не дают подписанного отпечатка",
    r"the tiles do not give the root that was signed": "записи не дают подписанного отпечатка",
    r"tile of level 0 with leaf (\d+)": "неверен файл отпечатков с записью {}",
    r"not there: (\S+)": "нет файла {}",
    r"the poll log is not whole \(not there: (\S+)\)": "журнал бюллетеней не целый, нет файла {}",
    r"(\d+) leaves were signed, the log has (\d+)": "было подписано записей: {}, теперь в журнале: {}",
    r"another history at (\d+) leaves": "другая история при {} записях",
    r"leaf 0 is not this manifest": "запись 0 — не эти условия голосования",
    r"not this manifest": "не эти условия голосования",
    r"there is no closing record and its time is over": "закрывающей записи нет, а срок её прошёл",
    r"after the closing record": "после закрывающей записи",
    r"(\d+) leaves after the closing record": "записей после закрывающей: {}",
    r"the closing record names (\d+) ballots, (\d+) stand before it": (
        "закрывающая запись называет бюллетеней: {}, перед ней стоит: {}"
    ),
    r"the closing record names (\d+) issuances, (\d+) leaves stand before it": (
        "закрывающая запись называет выдач: {}, перед ней стоит: {}"
    ),
    r"of another poll": "от другого голосования",
    r"another label": "запись другого вида",
    r"too long": "длиннее бюллетеня",
    r"too short": "короче бюллетеня",
    r"answers of another size": "ответы другой длины",
    r"a revision where revoting is off": "изменённый голос, хотя менять его нельзя",
    r"not exactly k tokens of ascending issuers": (
        "подписей регистраторов не столько, сколько нужно, или не в том порядке"
    ),
    r"fewer than (\d+) signatures": "подписей меньше {}",
    r"of an unknown issuer": "от неизвестного регистратора",
    r"the token signature does not verify": "подпись регистратора неверна: такого бюллетеня не выдавали",
    r"the ballot signature does not verify": "подпись бюллетеня неверна: его изменил не голосовавший",
    r"r or s out of range, or s high": "подпись бюллетеня не в единственной допустимой форме",
    r"the same key and revision as leaf (\d+)": "тот же бюллетень, что в записи {}",
    r"its ballot is not in the log": "её бюллетеня нет в журнале",
    r"the Ed25519 signature does not verify": "подпись неверна",
    r"a cancelled poll has a result": "у отменённого голосования есть итог",
    r"there is no result and its time is over": "итога нет, а срок его прошёл",
    r"there is a result of a poll that nobody opened": "есть итог голосования, которое никто не вскрывал",
    r"the result's signature: \w+": "подпись под итогом неверна",
    r"the published result is not the recount of this log": (
        "объявленный итог не равен пересчёту этого журнала"
    ),
    r"no issuance": "не запись о выдаче",
    r"(\d+) ballots bear its token, (\d+) were issued": "бюллетеней с его подписью: {}, выдано: {}",
    r"a factor in common": "ключ делит множитель с другим ключом",
    r"(\d+) keys of this poll stand in it, too": "в нём стоят ключи этого голосования: {}",
    r"(\d+) witnesses in time where (\d+) are due": "свидетелей в срок: {}, нужно: {}",
    r"a known witness's cosignature is wrong": "подпись названного свидетеля неверна",
    r"there is no proof that the poll is in the catalogue": (
        "нет доказательства, что голосование внесено в каталог"
    ),
    r"the proof does not lead to the root": "доказательство не сходится с каталогом",
    r"there is an opening of a poll that is not sealed": "вскрыто голосование, ответы которого не скрывались",
    r"a cancelled poll is opened": "вскрыто отменённое голосование",
    r"opened before the closing record": "вскрыто до закрывающей записи",
    r"the key is not the one that the manifest names": "ключ не тот, который назван в условиях",
    r"no release of the client was ever published": "ни одного выпуска сайта не опубликовано",
    r"(\d+) files are not those of release (\S+)": "файлов не из выпуска {1}: {0}",
    r"(\d+) files of release (\S+), entry (\d+) of a catalogue of (\d+); the newest": (
        "файлов выпуска {1}: {0}, запись {2} каталога, всего записей: {3}; новее нет"
    ),
    r"(\d+) files of release (\S+), entry (\d+) of a catalogue of (\d+); (\d+) newer releases": (
        "файлов выпуска {1}: {0}, запись {2} каталога, всего записей: {3}; более новых выпусков: {4}"
    ),
    r"other bytes than in the release": "не такой, как в выпуске",
    r"not the trust root that was given": "не те доверенные ключи, что у проверяющего",
    r"signed by somebody who is no issuer of the trust root": (
        "подписан кем-то, кто не доверенный регистратор"
    ),
}

_PLACES: Final = {
    r"leaf (\d+)": "запись {}",
    r"issuer (\d+)": "регистратор {}",
    r"receipt (\d+)": "квитанция {}",
    r"checkpoint (\d+)": "контрольная точка {}",
    r"manifest (\d+)": "условия {}",
    r"checkpoint": "контрольная точка",
    r"poll log": "журнал бюллетеней",
    r"issuance log (\d+)": "журнал выдачи {}",
    r"not whole": "не целый",
    r"its last leaf is no closing record": "последняя запись не закрывает журнал",
    r"release ([0-9a-f]{8})": "выпуск {}",
    r"(\S+\.\w+)": "{}",
}
"""Where it is, or what is wrong, before what is said of it."""


def in_russian(sentence: str) -> str | None:
    """The same sentence; None where it is of another kind."""
    for pattern, russian in _SENTENCES.items():
        if found := re.fullmatch(pattern, sentence):
            return russian.format(*found.groups())
    for pattern, russian in _PLACES.items():
        if (found := re.match(f"{pattern}: ", sentence)) and (rest := in_russian(sentence[found.end() :])):
            return f"{russian.format(*found.groups())}: {rest}"
    return None
