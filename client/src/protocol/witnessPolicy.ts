/** Which witnesses are to cosign the logs: C2SP tlog-policy, as far as its quorum is one witness or one group of witnesses. */
import { COSIGNATURE, parseVerifierKey, type VerifierKey } from "../crypto/verifierKey.ts";
import { Malformed } from "./json.ts";

export interface WitnessPolicy {
  readonly witnesses: readonly VerifierKey[];
  /** How many of them must have cosigned. */
  readonly quorum: number;
}

export const NO_WITNESSES: WitnessPolicy = { witnesses: [], quorum: 0 };

/** Logs are passed over: their keys are in manifests and trust root. Throws Malformed, MalformedNote. */
export async function parsePolicy(text: string): Promise<WitnessPolicy> {
  const named = new Map<string, WitnessPolicy>([["none", NO_WITNESSES]]);
  let quorum: WitnessPolicy | undefined;
  for (const line of text.split("\n").map((whole) => whole.trim()).filter((whole) => whole !== "" && !whole.startsWith("#"))) {
    const [kind, name = "", ...rest] = line.split(/[ \t]+/);
    if (kind === "witness" && rest.length > 0 && !named.has(name)) {
      named.set(name, { witnesses: [await parseVerifierKey(rest[0]!, COSIGNATURE)], quorum: 1 });
    } else if (kind === "group" && rest.length > 1 && !named.has(name)) {
      named.set(name, group(rest[0]!, rest.slice(1).map((one) => named.get(one))));
    } else if (kind === "quorum" && rest.length === 0 && quorum === undefined && named.has(name)) {
      quorum = named.get(name);
    } else if (kind !== "log") {
      throw new Malformed("not a line of a witness policy");
    }
  }
  if (quorum === undefined) throw new Malformed("a witness policy names its quorum");
  return quorum;
}

function group(threshold: string, parts: readonly (WitnessPolicy | undefined)[]): WitnessPolicy {
  const witnesses = parts.flatMap((part) => (part?.witnesses.length === 1 ? part.witnesses : []));
  const quorum = { any: 1, all: parts.length }[threshold] ?? Number(threshold);
  const sound = Number.isInteger(quorum) && quorum >= 1 && quorum <= witnesses.length;
  if (witnesses.length !== parts.length || !sound) throw new Malformed("not a group of witnesses");
  return { witnesses, quorum };
}
