"""The words of the self-check, in Russian and English, by the same keys."""

from collections.abc import Mapping
from typing import Final

from shared.manifest import Language

MESSAGES: Final[Mapping[Language, Mapping[str, str]]] = {
    "ru": {
        "service": "Проверка выдачи бюллетеней",
        "title": "Выдавали ли бюллетень на моё имя?",
        "lead": "Здесь видно, выдавал ли этот регистратор бюллетени на ваше имя, и можно взять "
        "доказательство.",
        "about": "Войдите через Госуслуги. Имя, СНИЛС и адрес мы не сохраняем, а ответ забудем через 15 "
        "минут. Как вы голосовали и голосовали ли, здесь узнать нельзя.",
        "sign_in": "Войти через Госуслуги",
        "issued": "Бюллетень выдан на ваше имя",
        "not_issued": "Бюллетень на ваше имя не выдавали",
        "published": "Запись о выдаче стоит в открытом журнале под номером {index} (счёт с нуля). Всего в "
        "журнале записей: {size}.",
        "waiting": "Запись о выдаче появится в открытом журнале не позже чем {time}. До тех пор "
        "доказательство — обещание, подписанное регистратором.",
        "count": "Всего бюллетеней выдано в этом голосовании: {number}",
        "parts": "Части записи",
        "leaf": "Хеш записи в журнале",
        "pseudonym": "Ваш псевдоним в этом голосовании",
        "nonce": "Случайное число",
        "request": "Хеш запроса вашего устройства (SHA-256)",
        "commitment": "Запись",
        "evidence": "Скачать доказательство",
        "keep": "Файл показывает, что бюллетень выдан именно вам. Не отдавайте его без нужды.",
        "unexpected": "Вы не получали этот бюллетень? Сообщите организатору: {contact}. Приложите файл "
        "доказательства.",
        "proves": "Что это доказывает",
        "proves_1": "Если бюллетень выдан, запись в открытом журнале составлена именно из этих частей. "
        "Незаметно убрать или подменить её нельзя.",
        "proves_2": "Запись связана с одним запросом на бюллетень. Если это запрос вашего устройства, "
        "никто другой бюллетень на ваше имя не получил.",
        "not": "Чего это не доказывает",
        "not_1": "Слова «не выдавали» — это слова регистратора. Записи в журнале безымянны, и один "
        "регистратор не может доказать, что не выдал бюллетень вместо вас под чужим псевдонимом.",
        "not_2": "Поэтому число выданных бюллетеней открыто: сравните его с числом жителей, которые могли "
        "участвовать.",
        "not_3": "Как вы ответили, отсюда узнать нельзя никому: бюллетень подписывают, не видя его.",
        "archived": "Когда проходит срок для споров, сведения о том, кому выданы бюллетени, уничтожаются. "
        "Такие голосования здесь не показаны.",
        "none": "Сейчас нет голосований, по которым можно проверить выдачу.",
        "done": "Закончить",
    },
    "en": {
        "service": "Check of issued ballots",
        "title": "Was a ballot issued in my name?",
        "lead": "Here you see whether this issuer issued ballots in your name, and can take the evidence.",
        "about": "Sign in through Gosuslugi. We keep neither name, SNILS nor address, and forget the "
        "answer in 15 minutes. How you voted, or whether you did, cannot be learnt here.",
        "sign_in": "Sign in through Gosuslugi",
        "issued": "A ballot was issued in your name",
        "not_issued": "No ballot was issued in your name",
        "published": "The record of the issuance stands in the public log under the number {index} "
        "(counted from zero). Records in the log: {size}.",
        "waiting": "The record of the issuance will be in the public log by {time}. Until then the "
        "evidence is a promise that the issuer has signed.",
        "count": "Ballots issued in this poll in all: {number}",
        "parts": "Parts of the record",
        "leaf": "Hash of the record in the log",
        "pseudonym": "Your pseudonym in this poll",
        "nonce": "Random number",
        "request": "Hash of your device's request (SHA-256)",
        "commitment": "Record",
        "evidence": "Download the evidence",
        "keep": "The file shows that the ballot was issued to you. Do not hand it out without need.",
        "unexpected": "You did not get this ballot? Tell the organiser: {contact}. Attach the evidence file.",
        "proves": "What this proves",
        "proves_1": "If a ballot was issued, the record in the public log is made of exactly these parts. "
        "It cannot be removed or replaced unnoticed.",
        "proves_2": "The record is bound to one request for a ballot. If that is your device's request, "
        "nobody else got a ballot in your name.",
        "not": "What this does not prove",
        "not_1": "“No ballot was issued” is the issuer's word. The records in the log are nameless, and "
        "one issuer cannot prove that it issued no ballot in your stead under another pseudonym.",
        "not_2": "That is why the number of issued ballots is public: compare it with the number of "
        "residents who could take part.",
        "not_3": "How you answered nobody can learn from here: ballots are signed unseen.",
        "archived": "When the time for disputes is over, what tells to whom ballots were issued is "
        "destroyed. Such polls are not shown here.",
        "none": "There are no polls now whose issuance can be checked.",
        "done": "Finish",
    },
}
