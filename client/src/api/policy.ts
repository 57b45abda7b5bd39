/** The witnesses that this client names, in a file beside its trust root; most clients have none. */
import { fromUtf8 } from "../crypto/bytes.ts";
import { NO_WITNESSES, parsePolicy, type WitnessPolicy } from "../protocol/witnessPolicy.ts";
import { getBytes } from "./http.ts";

/** No witnesses where there is no such file, or what stands there is none. */
export async function readPolicy(): Promise<WitnessPolicy> {
  try {
    return await parsePolicy(fromUtf8(await getBytes(new URL("witness-policy.txt", document.baseURI).href)));
  } catch {
    return NO_WITNESSES;
  }
}
