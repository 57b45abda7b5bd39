/** What happened and what to do, for every slug of protocol section 10. */
import type { Language } from "../protocol/manifest.ts";

type Sentences = Readonly<Record<Language, string>>;

const reload: Sentences = {
  ru: "Запрос не принят. Обновите страницу и повторите.",
  en: "The request was not accepted. Reload the page and try again.",
};
const later: Sentences = {
  ru: "Сервис временно недоступен. Ничего не потеряно, повторите через несколько минут.",
  en: "The service is unavailable for now. Nothing is lost, try again in a few minutes.",
};
const publication: Sentences = {
  ru: "Это сообщение для организатора голосования. Жителю делать ничего не нужно.",
  en: "This message is for the organiser of a poll. A resident need not do anything.",
};
const notAccepted: Sentences = {
  ru: "Урна не приняла бюллетень: он не проходит проверку. Сообщите организатору голосования.",
  en: "The ballot box did not take the ballot: it does not verify. Tell the organiser of the poll.",
};

export const REFUSALS: Readonly<Record<string, Sentences>> = {
  "malformed-request": reload,
  "not-authorized": {
    ru: "Время входа истекло. Войдите через Госуслуги ещё раз: бюллетень не пропадёт.",
    en: "The sign-in has expired. Sign in through Gosuslugi again: your ballot is not lost.",
  },
  "poll-not-granted": {
    ru: "При входе это голосование не было выбрано. Войдите ещё раз и отметьте его.",
    en: "This poll was not chosen at sign-in. Sign in again and tick it.",
  },
  "issuer-unknown": publication,
  "poll-unknown": {
    ru: "Такого голосования нет. Проверьте ссылку или откройте список голосований.",
    en: "There is no such poll. Check the link or open the list of polls.",
  },
  "not-found": { ru: "Такой страницы нет. Откройте список голосований.", en: "There is no such page. Open the list of polls." },
  "method-not-allowed": reload,
  "token-already-issued": {
    ru: "Вы уже получили бюллетень этого голосования на другом устройстве или в другом браузере. Продолжите там, где начали.",
    en: "You were already given a ballot of this poll on another device or browser. Continue where you began.",
  },
  "ballot-already-cast": {
    ru: "Этим ключом уже отправлен другой бюллетень. Учтён первый, делать ничего не нужно.",
    en: "Another ballot was already cast with this key. The first one counts, there is nothing to do.",
  },
  "manifest-refused": publication,
  "opening-refused": publication,
  "opening-too-early": publication,
  "release-refused": publication,
  "blinded-message-invalid": reload,
  "ballot-malformed": notAccepted,
  "token-invalid": notAccepted,
  "ballot-signature-invalid": notAccepted,
  "answers-invalid": notAccepted,
  "poll-not-open": {
    ru: "Голосование ещё не началось. Вернитесь ко времени начала: оно указано на странице голосования.",
    en: "The poll has not opened yet. Come back at its opening: its page names the time.",
  },
  "poll-closed": {
    ru: "Голосование завершено, новые бюллетени не принимаются. Результат появится на странице голосования.",
    en: "The poll is closed and takes no new ballots. The result will be on its page.",
  },
  "too-large": reload,
  "media-type-unsupported": reload,
  "storage-full": {
    ru: "На сервере кончается место, приём остановлен. Бюллетень сохранён на этом устройстве, отправьте его позже.",
    en: "The server is running out of storage, nothing is taken. Your ballot is kept on this device, send it later.",
  },
  "box-read-only": {
    ru: "Приём бюллетеней остановлен для проверки. Бюллетень сохранён на этом устройстве, отправьте его позже.",
    en: "Casting is stopped for a check. The ballot is kept on this device, send it later.",
  },
  unavailable: later,
  "esia-unavailable": {
    ru: "Госуслуги сейчас не отвечают. Повторите вход через несколько минут.",
    en: "Gosuslugi does not answer now. Sign in again in a few minutes.",
  },
  "internal-error": later,
  "account-not-confirmed": {
    ru: "Учётная запись Госуслуг не подтверждена. Подтвердите её в центре обслуживания, в банке или электронной подписью и войдите снова.",
    en: "The Gosuslugi account is not confirmed. Confirm it at a service centre, a bank or by an electronic signature and sign in again.",
  },
  "account-deleted": {
    ru: "Эта учётная запись Госуслуг удалена. Войдите с действующей учётной записью.",
    en: "This Gosuslugi account is deleted. Sign in with a working one.",
  },
  "registration-missing": {
    ru: "В профиле Госуслуг нет адреса постоянной регистрации. Добавьте его в разделе «Адреса» и войдите снова.",
    en: "The Gosuslugi profile has no registration address. Add it there and sign in again.",
  },
  "address-not-recognised": {
    ru: "Адрес регистрации не найден в адресном реестре. Выберите его в профиле Госуслуг из подсказки и войдите снова. Если не помогло, сообщите организатору.",
    en: "The registration address is not in the address register. Choose it from the suggestions in the profile and sign in again. If that does not help, tell the organiser.",
  },
  "address-not-verified": {
    ru: "Адрес регистрации в профиле Госуслуг не проверен. Дождитесь проверки и войдите снова.",
    en: "The registration address in the profile is not verified. Wait for the check and sign in again.",
  },
  "not-resident": {
    ru: "Голосование проводится для жителей другой территории: ваш адрес регистрации в неё не входит. Посмотрите другие голосования.",
    en: "The poll is for residents of another territory: your registration address is outside of it. See the other polls.",
  },
  "too-young": {
    ru: "Вы не достигли возраста, с которого можно участвовать в этом голосовании. Посмотрите другие голосования.",
    en: "You have not reached the age from which one may take part in this poll. See the other polls.",
  },
  "sign-in-cancelled": {
    ru: "Вход через Госуслуги отменён. Чтобы проголосовать, войдите снова.",
    en: "The sign-in through Gosuslugi was cancelled. To vote, sign in again.",
  },
  "connection-lost": {
    ru: "Связь прервалась на обратном пути со страницы входа. Войдите ещё раз: бюллетень не пропал.",
    en: "The connection broke on the way back from the sign-in. Sign in again: your ballot is not lost.",
  },
  "sign-in-expired": {
    ru: "Время входа истекло или вход начат в другом окне. Начните со страницы голосования ещё раз.",
    en: "The sign-in has expired or began in another window. Start again from the poll's page.",
  },
};

export function refusal(slug: string, language: Language): string {
  return (REFUSALS[slug] ?? later)[language];
}
