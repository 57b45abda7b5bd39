/** The poll manifest (protocol section 3), parsed once into readonly types. */
import { type Bytes, concat, fromB64u, hex, sha256 } from "../crypto/bytes.ts";
import { parseVerifierKey, type VerifierKey } from "../crypto/verifierKey.ts";
import { boolean, canonicalJson, integer, list, Malformed, members, oneOf, parseCanonical, string, unique } from "./json.ts";
import { MANIFEST } from "./labels.ts";

export type Language = "ru" | "en";
export type Text = Readonly<Partial<Record<Language, string>>>;

/** Option ids, ranked or in the manifest's order; or a score for every option. Empty: an abstention. */
export type Answer = readonly string[] | readonly number[];

export interface Option {
  readonly id: string;
  readonly text: Text;
}

export interface Question {
  readonly id: string;
  readonly kind: "single" | "multiple" | "ranking" | "score";
  readonly text: Text;
  readonly options: readonly Option[];
  readonly min: number;
  readonly max: number;
  readonly abstention: boolean;
}

/** A municipality, or the region. `code`: OKTMO. */
export interface Place {
  readonly code: string;
  readonly name: string;
}

/** The code of the whole region, whose residents are those of every municipality. */
export const REGION = "01000000";

interface Issuer {
  readonly name: string;
  readonly url: string;
  readonly statementKey: Bytes;
  readonly tokenKey: Bytes;
  readonly logUrl: string;
  readonly logKey: VerifierKey;
}

interface BallotBox {
  readonly url: string;
  readonly statementKey: Bytes;
  readonly logUrl: string;
  readonly logKey: VerifierKey;
}

/** Who opens the answers of a sealed poll: trustees, or (without any) the ballot box by itself. */
export interface Sealing {
  readonly publicKey: Bytes;
  readonly threshold: number;
  readonly trustees: readonly string[];
}

export interface Poll {
  readonly id: string;
  readonly idBytes: Bytes;
  readonly bytes: Bytes;
  readonly title: Text;
  readonly description: Text;
  readonly languages: readonly Language[];
  readonly questions: readonly Question[];
  readonly answerSize: number;
  readonly territory: readonly Place[];
  readonly residency: "declared" | "verified";
  readonly minimumAge: number;
  readonly issuanceOpensAt: Date;
  readonly opensAt: Date;
  readonly closesAt: Date;
  readonly includeBy: Date;
  readonly issuers: readonly Issuer[];
  readonly threshold: number;
  readonly box: BallotBox;
  readonly client: string;
  readonly sealing: Sealing | null;
  readonly revoting: boolean;
  readonly minimumParticipants: number;
  readonly population: { readonly number: number; readonly source: string } | null;
  readonly contact: string;
  readonly legalBasis: string;
}

const NAMES = [
  "format", "title", "description", "languages", "questions", "answer_size", "territory", "residency", "minimum_age",
  "issuance_opens_at", "opens_at", "closes_at", "include_by", "token_suite", "issuers", "threshold", "faulty",
  "ballot_box", "client", "result_mode", "sealing", "revoting", "batch", "minimum_participants", "eligible_population",
  "dispute_days", "contact", "legal_basis",
] as const;

const MAX_SIZE = 60_000;
const MAX_SCORE = 10;
const MAX_ANSWERS = 8192;
/** RFC 9180 with DHKEM(P-256): the encapsulated key before the ciphertext, the AEAD's tag after it. */
const SEAL_OVERHEAD = 65 + 16;
export const SERVICE_URL = /^(?=.{1,200}$)https?:\/\/[a-z0-9.-]+(:[1-9][0-9]{0,4})?(\/[A-Za-z0-9._~-]+)*$/;
export const ORIGIN = /^(?=.{1,200}$)https?:\/\/[a-z0-9.-]+(:[1-9][0-9]{0,4})?$/;
const LOG_PATH = /^\/log\/[0-9a-f]{32}$/;
const ID = /^[a-z0-9-]{1,16}$/;
const TIME = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Parse manifest bytes. Throws Malformed, EncodingRefused, MalformedNote. */
export async function parseManifest(bytes: Bytes): Promise<Poll> {
  if (bytes.length > MAX_SIZE) throw new Malformed("longer than 60,000 bytes");
  const m = members(parseCanonical(bytes), ...NAMES);
  oneOf(m["format"], "veche/manifest/v1");
  oneOf(m["token_suite"], "RSABSSA-SHA384-PSS-Randomized");
  const mode = oneOf(m["result_mode"], "live", "sealed");
  const languages = list(m["languages"], 1, 2).map((value) => oneOf<Language>(value, "ru", "en"));
  if (!["ru", "ru,en"].includes(languages.join())) throw new Malformed("languages are ru, or ru and en");
  const idBytes = await sha256(bytes);
  const poll: Poll = {
    id: hex(idBytes),
    idBytes,
    bytes,
    title: text(m["title"], languages, { length: 200, lines: false }),
    description: text(m["description"], languages, { length: 10_000, lines: true }),
    languages,
    questions: list(m["questions"], 1, 20).map((value) => question(value, languages)),
    answerSize: integer(m["answer_size"], 64),
    territory: territory(m["territory"]),
    residency: oneOf(m["residency"], "declared", "verified"),
    minimumAge: integer(m["minimum_age"], 14, 120),
    issuanceOpensAt: time(m["issuance_opens_at"]),
    opensAt: time(m["opens_at"]),
    closesAt: time(m["closes_at"]),
    includeBy: time(m["include_by"]),
    issuers: await Promise.all(list(m["issuers"], 1, 16).map(issuer)),
    threshold: integer(m["threshold"], 1),
    box: await ballotBox(m["ballot_box"]),
    client: string(m["client"], ORIGIN),
    sealing: mode === "sealed" ? sealing(m["sealing"]) : nothing(m["sealing"]),
    revoting: boolean(m["revoting"]),
    minimumParticipants: integer(m["minimum_participants"], 0),
    population: population(m["eligible_population"]),
    contact: line(m["contact"]),
    legalBasis: line(m["legal_basis"]),
  };
  const batch = members(m["batch"], "floor", "longest_wait");
  integer(batch["floor"], 1, 1_000_000);
  integer(batch["longest_wait"], 1, 604_800);
  integer(m["dispute_days"], 0, 3650);
  check(poll, integer(m["faulty"], 0));
  return poll;
}

/** What the issuers sign, and leaf 0 of the poll log. */
export function firstLeaf(poll: Poll): Bytes {
  return concat(MANIFEST, poll.bytes);
}

/** Length of the padded answers, before they are sealed where the poll is. */
export function plaintextSize(poll: Pick<Poll, "answerSize" | "sealing">): number {
  return poll.answerSize - (poll.sealing === null ? 0 : SEAL_OVERHEAD);
}

/** The smallest multiple of 64 bytes that holds the longest valid answers (protocol 3.4). */
function paddedSize(questions: readonly Question[]): number {
  const longest = questions.map((one): [string, Answer] => {
    if (one.kind === "score") return [one.id, one.options.map(() => one.max)];
    const ids = one.options.map((option) => option.id).sort((left, right) => left.length - right.length);
    return [one.id, ids.slice(ids.length - one.max)];
  });
  return Math.ceil(canonicalJson(Object.fromEntries(longest)).length / 64) * 64;
}

/** Whether every log's key is named for its log (3.3). */
export function logKeysFit(poll: Poll): boolean {
  return [...poll.issuers, poll.box].every(({ logKey, logUrl }) => logKey.name === logUrl.replace(/^https?:\/\//, ""));
}

function check(poll: Poll, faulty: number): void {
  const { issuanceOpensAt, opensAt, closesAt, includeBy, issuers, threshold, box } = poll;
  if (!(issuanceOpensAt <= opensAt && opensAt < closesAt && closesAt < includeBy)) throw new Malformed("times out of order");
  if (threshold > issuers.length || 2 * threshold <= issuers.length + faulty) throw new Malformed("2k > n + f");
  const services = [...issuers, box];
  unique(services.map((service) => service.url), "url");
  unique(services.map((service) => service.logUrl), "log url");
  unique(services.map((service) => hex(service.statementKey)), "statement key");
  unique(services.map((service) => hex(service.logKey.key)), "log key");
  unique(issuers.map((one) => hex(one.tokenKey)), "token key");
  unique(poll.questions.map((one) => one.id), "question id");
  const size = paddedSize(poll.questions);
  if (plaintextSize(poll) !== size || size > MAX_ANSWERS) throw new Malformed("answer_size is not that of section 3.4");
}

function question(value: unknown, languages: readonly Language[]): Question {
  const m = members(value, "abstention", "id", "kind", "max", "min", "options", "text");
  const options = list(m["options"], 2, 100).map((one): Option => {
    const option = members(one, "id", "text");
    return { id: string(option["id"], ID), text: text(option["text"], languages, { length: 10_000, lines: true }) };
  });
  unique(options.map((option) => option.id), "option id");
  const kind = oneOf(m["kind"], "single", "multiple", "ranking", "score");
  const score = kind === "score";
  const max = integer(m["max"], 1, score ? MAX_SCORE : options.length);
  if (kind === "single" && max !== 1) throw new Malformed("a single choice names one option");
  return {
    id: string(m["id"], ID),
    kind,
    text: text(m["text"], languages, { length: 10_000, lines: true }),
    options,
    min: score ? integer(m["min"], 0, max - 1) : integer(m["min"], 1, max),
    max,
    abstention: boolean(m["abstention"]),
  };
}

async function issuer(value: unknown): Promise<Issuer> {
  const m = members(value, "log_key", "log_url", "name", "statement_key", "token_key", "url");
  return {
    name: line(m["name"]),
    tokenKey: fromB64u(string(m["token_key"])),
    ...(await service(m)),
  };
}

async function ballotBox(value: unknown): Promise<BallotBox> {
  return service(members(value, "log_key", "log_url", "statement_key", "url"));
}

async function service(m: Readonly<Record<string, unknown>>): Promise<BallotBox> {
  const url = string(m["url"], SERVICE_URL);
  const logUrl = string(m["log_url"], SERVICE_URL);
  if (!logUrl.startsWith(url) || !LOG_PATH.test(logUrl.slice(url.length))) throw new Malformed("log_url outside of the service");
  return {
    url,
    logUrl,
    statementKey: fromB64u(string(m["statement_key"]), 32),
    logKey: await parseVerifierKey(string(m["log_key"])),
  };
}

function territory(value: unknown): readonly Place[] {
  const entries = list(value, 1, 100).map((one) => {
    const m = members(one, "name", "oktmo");
    return { code: string(m["oktmo"], /^[0-9]{8}$/), name: line(m["name"]) };
  });
  for (let at = 1; at < entries.length; at += 1) {
    if (entries[at - 1]!.code >= entries[at]!.code) throw new Malformed("territory codes ascend");
  }
  return entries;
}

function sealing(value: unknown): Sealing {
  const m = members(value, "custodian", "public_key", "suite", "threshold", "trustees");
  oneOf(m["suite"], "DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM");
  const automatic = oneOf(m["custodian"], "trustees", "automatic") === "automatic";
  const trustees = list(m["trustees"], automatic ? 0 : 2, automatic ? 0 : 16).map(line);
  unique(trustees, "trustee");
  const publicKey = fromB64u(string(m["public_key"]), 65);
  if (publicKey[0] !== 4) throw new Malformed("not an uncompressed point");
  const threshold = automatic ? integer(m["threshold"], 1, 1) : integer(m["threshold"], 2, trustees.length);
  return { publicKey, threshold, trustees };
}

function nothing(value: unknown): null {
  if (value !== null) throw new Malformed("null is due");
  return null;
}

function population(value: unknown): Poll["population"] {
  if (value === null) return null;
  const m = members(value, "number", "source");
  return { number: integer(m["number"], 1), source: line(m["source"]) };
}

/** A text in every language and no other, without what nobody sees (3.2). Throws Malformed. */
export function text(value: unknown, languages: readonly Language[], limit: { length: number; lines: boolean }): Text {
  const m = members(value, ...languages);
  for (const language of languages) plain(string(m[language]), limit.length, limit.lines);
  return m as Text;
}

/** What people read on one line. Throws Malformed. */
export function line(value: unknown): string {
  return plain(string(value), 1000, false);
}

function plain(value: string, length: number, lines: boolean): string {
  const forbidden = FORBIDDEN.test(lines ? value.replaceAll("\n", "") : value);
  if (value === "" || [...value].length > length || forbidden) throw new Malformed("not a plain text");
  return value;
}

function time(value: unknown): Date {
  const moment = new Date(string(value, TIME));
  if (Number.isNaN(moment.getTime()) || moment.toISOString().replace(".000", "") !== value) throw new Malformed("no such time");
  return moment;
}
