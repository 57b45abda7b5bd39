"""The words of announcements, in Russian and English, by the same keys."""

from collections.abc import Mapping
from typing import Final

from shared.manifest import Language

MESSAGES: Final[Mapping[Language, Mapping[str, str]]] = {
    "ru": {
        "switch": "English",
        "kicker": "Голосование жителей Алтайского края",
        "invitation": "Приглашаем принять участие в голосовании",
        "questions": "О чём спрашивают",
        "more": "Всего вопросов: {number}. Остальные — на странице голосования.",
        "cancelled": "Голосование отменено.",
        "over": "Голосование завершено. Итоги — на его странице.",
        "who": "Кто приглашён",
        "territory": "Жители, зарегистрированные здесь: {territory}.",
        "territories": "Жители, зарегистрированные в {number} муниципальных образованиях края; список — "
        "на странице голосования.",
        "age": "Возраст — не меньше {age} к началу голосования.",
        "account": "Нужна подтверждённая учётная запись Госуслуг.",
        "declared": "Место жительства определяется по адресу регистрации в профиле Госуслуг.",
        "verified": "Место жительства определяется по проверенному адресу регистрации в профиле Госуслуг.",
        "when": "Когда",
        "period": "с {opens} до {closes}",
        "how": "Как проголосовать",
        "step_open": "Откройте страницу голосования по ссылке или наведите камеру телефона на код.",
        "step_sign_in": "Войдите через Госуслуги и подтвердите участие.",
        "step_answer": "Ответьте и отправьте бюллетень. Сохраните квитанцию: по ней виден ваш ответ, "
        "никому её не показывайте.",
        "vote": "Перейти к голосованию",
        "trust": "Почему этому можно доверять",
        "trust_once": "Один человек — один бюллетень: вход через Госуслуги исключает повторное голосование.",
        "trust_secret": "Тайно: право голоса подписывается вслепую. Кто его выдаёт, не видит бюллетень; "
        "кто принимает бюллетень, не знает, чей он.",
        "trust_data": "Имя, СНИЛС, дата рождения и адрес не хранятся.",
        "trust_check": "Проверяемо: каждый найдёт свой бюллетень в открытом журнале, а итог по нему "
        "пересчитает кто угодно.",
        "trust_free": "Участие добровольное.",
        "one_issuer": "Бюллетени выдаёт один регистратор. Что он не выдал их несуществующим людям, "
        "доказать нельзя: сравните число выданных бюллетеней с числом жителей.",
        "sealed_trustees": "Ответы зашифрованы до вскрытия: итогов до него не видит никто. Вскроют их после "
        "окончания любые {threshold} из {trustees} хранителей ключа.",
        "sealed_automatic": "До окончания ответы скрыты от посторонних, но не от оператора.",
        "trustees": "Хранители ключа: {names}. Отпечаток ключа: {fingerprint}.",
        "minimum": "Голосование состоится, если в нём примут участие не менее {number}.",
        "help": "Нет подтверждённой учётной записи?",
        "help_register": "Зарегистрируйтесь на gosuslugi.ru: понадобятся паспорт, СНИЛС, номер телефона "
        "или электронная почта.",
        "help_confirm": "Подтвердите личность: с паспортом и СНИЛС в центре обслуживания (их в крае "
        "больше 800, есть и в администрациях), через банк или кодом из заказного письма.",
        "help_support": "Поддержка Госуслуг: 8\u00a0800\u00a0100-70-10, звонок бесплатный.",
        "contact": "Организатор: {contact}",
        "basis": "Основание: {basis}",
        "fingerprint": "Отпечаток корня доверия",
        "fingerprint_about": "По нему проверяющие узнают подлинные ключи этого голосования. Он должен "
        "совпадать с тем, что показывает страница голосования.",
        "poll_id": "Номер голосования",
        "poster": "Плакат для печати (PDF)",
        "text": "Текст для социальных сетей",
        "self_check": "Проверить, выдавали ли бюллетень на моё имя",
        "qr": "Код для камеры телефона: адрес страницы голосования, он напечатан рядом",
        "address": "Адрес страницы голосования",
    },
    "en": {
        "switch": "Русский",
        "kicker": "A vote of residents of Altai Krai",
        "invitation": "You are invited to take part in a vote",
        "questions": "What is asked",
        "more": "{number} questions in all. The others are on the page of the vote.",
        "cancelled": "The vote is cancelled.",
        "over": "The vote is over. The result is on its page.",
        "who": "Who is invited",
        "territory": "Residents registered here: {territory}.",
        "territories": "Residents registered in {number} municipalities of the region; the list is on the "
        "page of the vote.",
        "age": "Aged at least {age} when the vote opens.",
        "account": "A confirmed Gosuslugi account is needed.",
        "declared": "Residence goes by the registration address in the Gosuslugi profile.",
        "verified": "Residence goes by the verified registration address in the Gosuslugi profile.",
        "when": "When",
        "period": "from {opens} to {closes}",
        "how": "How to vote",
        "step_open": "Open the page of the vote by its link, or point a phone's camera at the code.",
        "step_sign_in": "Sign in through Gosuslugi and confirm that you take part.",
        "step_answer": "Answer and send the ballot. Keep the receipt: it leads to your answer, show it to "
        "nobody.",
        "vote": "Go to the vote",
        "trust": "Why it can be trusted",
        "trust_once": "One person, one ballot: signing in through Gosuslugi rules out voting twice.",
        "trust_secret": "Secret: the right to vote is signed blindly. Who gives it does not see the "
        "ballot; who takes the ballot does not know whose it is.",
        "trust_data": "Name, SNILS, date of birth and address are not kept.",
        "trust_check": "Checkable: everyone finds their ballot in a public log, and anyone can recount "
        "the result from it.",
        "trust_free": "Taking part is voluntary.",
        "one_issuer": "One issuer gives the ballots. That it gave none to people who do not exist cannot "
        "be proven: compare the number of ballots given with the number of residents.",
        "sealed_trustees": "The answers are encrypted until the opening: nobody sees a result before. After "
        "the close any {threshold} of the {trustees} trustees of the key open them.",
        "sealed_automatic": "Until the close the answers are hidden from outsiders, but not from the "
        "operator.",
        "trustees": "Trustees of the key: {names}. Fingerprint of the key: {fingerprint}.",
        "minimum": "The vote is held if at least {number} take part.",
        "help": "No confirmed account?",
        "help_register": "Register at gosuslugi.ru: you need passport, SNILS, and a phone number or "
        "e-mail address.",
        "help_confirm": "Confirm who you are: with passport and SNILS at a service centre (there are over "
        "800 in the region, some of them in town halls), through a bank, or by a code in a registered "
        "letter.",
        "help_support": "Gosuslugi support: 8\u00a0800\u00a0100-70-10, the call is free.",
        "contact": "Organiser: {contact}",
        "basis": "Basis: {basis}",
        "fingerprint": "Fingerprint of the trust root",
        "fingerprint_about": "By it auditors know the true keys of this vote. It must equal the one that "
        "the page of the vote shows.",
        "poll_id": "Id of the vote",
        "poster": "Poster to print (PDF)",
        "text": "Text for social networks",
        "self_check": "Check whether a ballot was issued in my name",
        "qr": "Code for a phone camera: the address of the vote, which is printed beside it",
        "address": "Address of the vote",
    },
}
