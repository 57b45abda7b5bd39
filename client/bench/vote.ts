/** How long a browser computes for one vote: all that the client does between opening a poll and keeping the receipt, but no I/O. */
import { getPublicKeyAsync, signAsync } from "@noble/ed25519";
import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { generateBallotKey, signBallot } from "../src/crypto/ballotKey.ts";
import { blind, finalize } from "../src/crypto/blindToken.ts";
import { type Bytes, concat } from "../src/crypto/bytes.ts";
import { leafHash } from "../src/crypto/merkle.ts";
import { signatureMessage, signedPart, tokenMessage, verifyBallot } from "../src/protocol/ballot.ts";
import { PROMISE, RECEIPT } from "../src/protocol/labels.ts";
import { parseManifest, type Poll } from "../src/protocol/manifest.ts";
import { issuanceLeaf, verifyPromise, verifyReceipt } from "../src/protocol/statements.ts";
import { verifySignatures } from "../src/protocol/trust.ts";

const SIGNING = { name: "RSA-PSS", modulusLength: 3072, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-384" };

/** Milliseconds of each of so many votes in a poll, whose issuer and box are played by keys made here. */
export async function votes(number: number, manifest: Bytes, signatures: unknown): Promise<readonly number[]> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(SIGNING, true, ["sign", "verify"]);
  const tokenKey = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  const seed = crypto.getRandomValues(new Uint8Array(32)) as Bytes;
  const statementKey = (await getPublicKeyAsync(seed)) as Bytes;
  const taken: number[] = [];
  for (let vote = 0; vote < number; vote += 1) {
    const clock = stopwatch();
    const published = await parseManifest(manifest);
    await verifySignatures(published, signatures);
    const poll: Poll = { ...published, issuers: [{ ...published.issuers[0]!, tokenKey, statementKey }], box: { ...published.box, statementKey } };
    const key = await generateBallotKey();
    const blinding = await blind(tokenKey, tokenMessage(poll.idBytes, key.point));
    clock.pause();
    const reply = concat(await RSABSSA.SHA384.PSS.Randomized().blindSign(privateKey, blinding.blinded));
    const issuance = { pseudonym: seed, nonce: seed };
    const issued = await leafHash(await issuanceLeaf(poll, issuance, blinding.blinded));
    const promise = concat(await signAsync(concat(PROMISE, poll.idBytes, issued), seed));
    clock.go();
    const signature = await finalize(tokenKey, blinding, reply);
    await verifyPromise(poll, 0, { ...issuance, promise }, blinding.blinded);
    const answers = new Uint8Array(poll.answerSize).fill(0x20);
    const signed = signedPart(poll, key.point, 0, [{ issuer: 0, prefix: blinding.prepared.slice(0, 32), signature }], answers);
    const ballot = concat(signed, await signBallot(key, signatureMessage(signed)));
    const leaf = await leafHash(ballot);
    clock.pause();
    const receipt = concat(await signAsync(concat(RECEIPT, poll.idBytes, leaf), seed));
    clock.go();
    await verifyReceipt(poll, leaf, receipt);
    taken.push(clock.pause());
    const refusal = await verifyBallot(poll, ballot).then(() => "", (error: Error) => error.message);
    if (refusal !== "answers-invalid") throw new Error(`the ballot is none: ${refusal}`);
  }
  return taken;
}

/** Runs from the start; `pause` gives the milliseconds so far. */
function stopwatch(): { readonly pause: () => number; readonly go: () => void } {
  let [since, total] = [performance.now(), 0];
  return { pause: () => (total += performance.now() - since), go: () => (since = performance.now()) };
}
