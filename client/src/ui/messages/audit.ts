/** The sentences of the page «Проверить подсчёт», in both languages. */
import type { CheckId, Status, Verdict } from "../../audit/findings.ts";
import type { Language } from "../../protocol/manifest.ts";

export interface AuditMessages {
  readonly title: string;
  readonly lead: string;
  readonly weight: (records: number, megabytes: string) => string;
  readonly start: string;
  readonly stop: string;
  readonly again: string;
  readonly reading: string;
  readonly ballots: string;
  readonly issuance: (service: string) => string;
  readonly progress: (done: string, total: string) => string;
  readonly broken: string;
  readonly verdicts: Readonly<Record<Verdict, readonly [title: string, text: string]>>;
  readonly checks: string;
  readonly wrong: string;
  readonly otherChecks: string;
  readonly statuses: Readonly<Record<Status, string>>;
  readonly titles: Readonly<Record<CheckId, string>>;
  /** What a failed check means, for whoever is no specialist. */
  readonly meanings: Readonly<Record<CheckId, string>>;
  readonly notPassed: (title: string) => string;
  readonly todoTitle: string;
  readonly todo: (contact: string) => readonly string[];
  readonly more: (number: number) => string;
  readonly recount: string;
  readonly recountLead: (valid: number, invalid: number) => string;
  readonly proofTitle: string;
  readonly proves: string;
  readonly doesNotProve: string;
  readonly byOthers: string;
}

const ru: AuditMessages = {
  title: "Проверить подсчёт",
  lead: "Этот браузер скачает все бюллетени, проверит подпись каждого и посчитает их заново.",
  weight: (records, megabytes) => `Записей в журнале: ${records}, около ${megabytes} МБ.`,
  start: "Начать проверку",
  stop: "Остановить",
  again: "Проверить ещё раз",
  reading: "Читаем описание голосования…",
  ballots: "Журнал бюллетеней",
  issuance: (service) => `Журнал выдачи: ${service}`,
  progress: (done, total) => `Проверено записей: ${done} из ${total}`,
  broken: "Проверка оборвалась: этому браузеру не хватило памяти или возможностей. Попробуйте другой браузер.",
  verdicts: {
    verified: ["Подсчёт верен", "Бюллетени пересчитаны в этом браузере. Результат совпал с объявленным, нарушений нет."],
    failed: ["Есть нарушения", "Объявленному итогу в таком виде верить нельзя. Какая проверка что нашла и что это значит, сказано ниже."],
    inconclusive: ["Вывода пока нет", "Нарушений не найдено, но проверить удалось не всё. Что именно, сказано ниже."],
  },
  checks: "Что проверено",
  wrong: "Что не так",
  otherChecks: "Остальные проверки",
  statuses: { PASS: "верно", FAIL: "нарушение", SKIPPED: "не проверено" },
  titles: {
    manifest: "Описание голосования не менялось",
    trust: "Сервисы выдачи и урна — те, которым доверяет эта страница",
    "manifest-signatures": "Описание подписал каждый сервис выдачи",
    parameters: "Ключи надёжны, подписей нужно достаточно",
    checkpoint: "Журнал бюллетеней подписан",
    tree: "Журнал цел: записи дают подписанный корень",
    consistency: "Журнал продолжает то, что это устройство видело раньше",
    "first-leaf": "Журнал начинается с описания голосования",
    closing: "Журнал закрыт, и после закрытия ничего не добавлено",
    ballots: "Каждая запись — бюллетень этого голосования",
    tokens: "Каждый бюллетень выдан: подписи сервисов верны",
    "ballot-signatures": "Ни один бюллетень не изменён: подпись ключа верна",
    unique: "Ни один бюллетень не посчитан дважды",
    receipts: "Бюллетень по вашей квитанции на месте",
    result: "Объявленный результат равен пересчёту",
    issuance: "Бюллетеней не больше, чем выдано",
    "other-polls": "Ключи не повторяются в других голосованиях",
    witnesses: "Журнал вовремя заверили свидетели",
    catalogue: "Голосование есть в общем каталоге",
    opening: "Скрытые ответы вскрыты после закрытия и нужным ключом",
    client: "Эта страница — та, что внесена в каталог",
  },
  meanings: {
    manifest: "Условия голосования подменили или испортили: неизвестно, за что голосовали.",
    trust: "Голосование ведут не те, кому доверяет эта страница: за ним может стоять посторонний.",
    "manifest-signatures": "Условия подписали не все, кто обязан: их мог изменить кто-то один.",
    parameters: "Ключи слабы, или подписей нужно слишком мало: бюллетени можно подделать.",
    checkpoint: "Урна не подписывала этого журнала: он может быть не её.",
    tree: "Часть журнала скрыта или подменена: он не тот, который урна подписала.",
    consistency: "Раньше урна показала этому устройству другой журнал: историю переписали.",
    "first-leaf": "Журнал относится к другим условиям голосования.",
    closing: "Журнал не закрыт как положено: бюллетени могли добавить или убрать после окончания.",
    ballots: "В журнале есть записи, которые не могут быть бюллетенями этого голосования.",
    tokens: "В журнале есть бюллетени, которых никто не выдавал: это вброс.",
    "ballot-signatures": "Бюллетени изменил не тот, кто голосовал.",
    unique: "Один и тот же бюллетень внесён больше одного раза.",
    receipts: "Урна выбросила бюллетень, который приняла, или квитанция не от неё.",
    result: "Объявленный итог не подтверждается бюллетенями.",
    issuance: "Бюллетеней больше, чем выдано жителям, или учёт выданного скрыт: возможен вброс.",
    "other-polls": "Ключи уже служили другому голосованию: бюллетени одного могли зачесть в другом.",
    witnesses: "Независимые свидетели не заверили журнал в срок: разным людям могли показать разное.",
    catalogue: "Голосования нет в общем каталоге: его могли показать не всем или показать разным.",
    opening: "Ответы вскрыты не вовремя или не тем ключом: их мог читать тот, кому нельзя.",
    client: "Сайт для голосования отдаёт не те файлы, что опубликованы: он мог подменить ответы.",
  },
  notPassed: (title) => `Не прошла проверка: «${title}»`,
  todoTitle: "Что делать",
  todo: (contact) => [
    "Сохраните эту страницу: распечатайте её или сделайте снимок экрана.",
    "Проверьте ещё раз через час и с другого устройства: сбой пройдёт, нарушение останется.",
    `Сообщите организатору (${contact}) и наблюдателям. Верить вам на слово не нужно: то же увидит каждый, кто проверит.`,
  ],
  more: (number) => `и ещё ${number}`,
  recount: "Пересчёт",
  recountLead: (valid, invalid) => `Действительных бюллетеней: ${valid}. Недействительных: ${invalid}.`,
  proofTitle: "Что это доказывает и чего не доказывает",
  proves: "Доказано: посчитаны ровно те бюллетени, что стоят в журнале, каждый выдан по одному разу и не изменён.",
  doesNotProve:
    "Не доказано: что бюллетени получили только жители. За это отвечают сервисы выдачи: число выданных бюллетеней открыто, его можно сравнить с числом жителей. Свой бюллетень каждый может найти сам.",
  byOthers: "Эта страница проверяет сама себя лишь отчасти: её прислал тот же сайт. То же проверит независимая программа наблюдателя.",
};

const en: AuditMessages = {
  title: "Check the count",
  lead: "This browser will download every ballot, check the signature of each and count them again.",
  weight: (records, megabytes) => `Records in the log: ${records}, about ${megabytes} MB.`,
  start: "Start the check",
  stop: "Stop",
  again: "Check again",
  reading: "Reading the description of the poll…",
  ballots: "The log of ballots",
  issuance: (service) => `The log of issued ballots: ${service}`,
  progress: (done, total) => `Records checked: ${done} of ${total}`,
  broken: "The check broke off: this browser lacks memory or abilities. Try another browser.",
  verdicts: {
    verified: ["The count is right", "The ballots were counted again in this browser. The result is the published one; nothing is wrong."],
    failed: ["Something is wrong", "The published result cannot be trusted as it is. Which check found what, and what it means, is said below."],
    inconclusive: ["No conclusion yet", "Nothing wrong was found, but not everything could be checked. What, is said below."],
  },
  checks: "What was checked",
  wrong: "What is wrong",
  otherChecks: "The other checks",
  statuses: { PASS: "right", FAIL: "wrong", SKIPPED: "not checked" },
  titles: {
    manifest: "The description of the poll was not changed",
    trust: "Issuers and ballot box are those that this page trusts",
    "manifest-signatures": "Every issuer signed the description",
    parameters: "The keys are sound, enough signatures are asked for",
    checkpoint: "The log of ballots is signed",
    tree: "The log is whole: its records give the signed root",
    consistency: "The log continues what this device saw before",
    "first-leaf": "The log begins with the description of the poll",
    closing: "The log is closed, and nothing was added after",
    ballots: "Every record is a ballot of this poll",
    tokens: "Every ballot was issued: the issuers' signatures are right",
    "ballot-signatures": "No ballot was changed: the signature of its key is right",
    unique: "No ballot is counted twice",
    receipts: "The ballot of your receipt is there",
    result: "The published result equals the recount",
    issuance: "There are no more ballots than were issued",
    "other-polls": "No key stands in another poll",
    witnesses: "Witnesses vouched for the log in time",
    catalogue: "The poll is in the catalogue that all see",
    opening: "Sealed answers were opened after the closing, by the right key",
    client: "This page is the one in the catalogue",
  },
  meanings: {
    manifest: "The description of the poll was replaced or damaged: what people voted on is not certain.",
    trust: "The poll is held by others than this page trusts: a stranger may stand behind it.",
    "manifest-signatures": "Not all who must have signed the description: one of them alone could have changed it.",
    parameters: "The keys are weak or too few signatures are asked for: ballots can be forged.",
    checkpoint: "The ballot box did not sign this log: it may not be its own.",
    tree: "A part of the log is withheld or replaced: it is not the log that the ballot box signed.",
    consistency: "The ballot box showed this device another log before: history was rewritten.",
    "first-leaf": "The log belongs to another description.",
    closing: "The log was not closed as it must be: ballots could have been added or removed after the end.",
    ballots: "The log has records that cannot be ballots of this poll.",
    tokens: "The log has ballots that nobody issued: they were stuffed.",
    "ballot-signatures": "Somebody else than the voters changed ballots.",
    unique: "One ballot stands in the log more than once.",
    receipts: "The ballot box dropped a ballot that it accepted, or the receipt is not its own.",
    result: "The ballots do not bear out the published result.",
    issuance: "There are more ballots than were issued to residents, or the account of them is hidden: ballots may be stuffed.",
    "other-polls": "The keys served another poll already: ballots of one could be counted in the other.",
    witnesses: "Independent witnesses did not vouch for the log in time: different people may be shown different things.",
    catalogue: "The poll is not in the common catalogue: it may be shown to some only, or not to all alike.",
    opening: "Answers were opened at the wrong time or with the wrong key: somebody may have read them who must not.",
    client: "The site for voting serves other files than were published: it could change answers.",
  },
  notPassed: (title) => `The check that failed: “${title}”`,
  todoTitle: "What to do",
  todo: (contact) => [
    "Keep this page: print it, or take a picture of the screen.",
    "Check again in an hour and on another device: a breakdown passes, an offence stays.",
    `Tell the organiser (${contact}) and the observers. Nobody need take your word: everyone who checks sees the same.`,
  ],
  more: (number) => `and ${number} more`,
  recount: "The recount",
  recountLead: (valid, invalid) => `Valid ballots: ${valid}. Invalid: ${invalid}.`,
  proofTitle: "What this proves and what it does not",
  proves: "Proven: exactly the ballots in the log were counted, each was issued once and not changed.",
  doesNotProve:
    "Not proven: that only residents got ballots. The issuers answer for that: the number of issued ballots is public and can be compared with the number of residents. Everybody can look for their own ballot.",
  byOthers: "This page checks itself only in part: the same site sent it. An observer's independent program checks the same.",
};

export const AUDIT_MESSAGES: Readonly<Record<Language, AuditMessages>> = { ru, en };
