/** Sealed answers and their opening (protocol 6.6 and 8.6). */
import { type Bytes, concat, equal, fromB64u, uint } from "../crypto/bytes.ts";
import { importPrivateKey, importPublicKey, NotOpened, open, seal } from "../crypto/hpke.ts";
import { type Answers, encodeAnswers } from "./answers.ts";
import type { Ballot } from "./ballot.ts";
import { members, oneOf, parseCanonical, string } from "./json.ts";
import { SEALED_ANSWERS } from "./labels.ts";
import type { Poll, Sealing } from "./manifest.ts";

type Bound = Pick<Ballot, "pollId" | "ballotKey" | "revision">;

/** The answers field of a ballot: padded, and sealed where the poll is. Throws InvalidAnswers, NotOpened. */
export async function answersField(poll: Poll, ballotKey: Bytes, revision: number, answers: Answers): Promise<Bytes> {
  const padded = encodeAnswers(poll, answers);
  if (poll.sealing === null) return padded;
  const bound = { pollId: poll.idBytes, ballotKey, revision };
  return seal(await importPublicKey(poll.sealing.publicKey), sealedFor(bound), padded);
}

/** The private key with which everybody opens the ballots of a closed poll. Throws Malformed, EncodingRefused, NotOpened. */
export async function readOpening(poll: Poll, sealing: Sealing, bytes: Bytes): Promise<CryptoKey> {
  const m = members(parseCanonical(bytes), "format", "poll_id", "private_key");
  oneOf(m["format"], "veche/opening/v1");
  oneOf(m["poll_id"], poll.id);
  const key = await importPrivateKey(fromB64u(string(m["private_key"]), 32));
  const word = crypto.getRandomValues(new Uint8Array(32));
  const opened = await open(key, poll.idBytes, await seal(await importPublicKey(sealing.publicKey), poll.idBytes, word));
  if (!equal(opened, word)) throw new NotOpened("another key than the manifest's");
  return key;
}

/** The padded answers of a sealed ballot. Throws NotOpened. */
export function openAnswers(key: CryptoKey, ballot: Bound & Pick<Ballot, "answers">): Promise<Bytes> {
  return open(key, sealedFor(ballot), ballot.answers);
}

/** What a sealed field belongs to: it opens nowhere else. */
function sealedFor({ pollId, ballotKey, revision }: Bound): Bytes {
  return concat(SEALED_ANSWERS, pollId, ballotKey, uint(4, revision));
}
