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
  readonly statuses: Readonly<Record<Status, string>>;
  readonly titles: Readonly<Record<CheckId, string>>;
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
    failed: ["Есть нарушения", "Хотя бы одна проверка нашла нарушение. Сообщите наблюдателям и организатору голосования."],
    inconclusive: ["Вывода пока нет", "Нарушений не найдено, но проверить удалось не всё. Что именно, сказано ниже."],
  },
  checks: "Что проверено",
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
    failed: ["Something is wrong", "At least one check found an offence. Tell the observers and the organiser of the poll."],
    inconclusive: ["No conclusion yet", "Nothing wrong was found, but not everything could be checked. What, is said below."],
  },
  checks: "What was checked",
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
