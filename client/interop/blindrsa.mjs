// Both directions of interoperation with @cloudflare/blindrsa-ts: JSON lines in, JSON lines out.
import { createInterface } from "node:readline";
import { RSABSSA } from "@cloudflare/blindrsa-ts";

const suite = RSABSSA.SHA384.PSS.Randomized();
const rsa = { name: "RSA-PSS", hash: "SHA-384" };
const read = (text) => new Uint8Array(Buffer.from(text, "base64url"));
const write = (bytes) => Buffer.from(bytes).toString("base64url");
const publicKey = (text) => crypto.subtle.importKey("spki", read(text), rsa, true, ["verify"]);
const privateKey = (text) => crypto.subtle.importKey("pkcs8", read(text), rsa, true, ["sign"]);

const commands = {
  async blind({ spki, message }) {
    const prepared = suite.prepare(read(message));
    const { blindedMsg, inv } = await suite.blind(await publicKey(spki), prepared);
    return { prepared: write(prepared), blinded: write(blindedMsg), inverse: write(inv) };
  },
  async finalize({ spki, prepared, signature, inverse }) {
    return { signature: write(await suite.finalize(await publicKey(spki), read(prepared), read(signature), read(inverse))) };
  },
  async sign({ pkcs8, blinded }) {
    return { signature: write(await suite.blindSign(await privateKey(pkcs8), read(blinded))) };
  },
  async rate({ pkcs8, times }) {
    const key = await privateKey(pkcs8);
    const { n } = await crypto.subtle.exportKey("jwk", key);
    const blinded = new Uint8Array(read(n).length).fill(1);
    const start = performance.now();
    for (let done = 0; done < times; done += 1) await suite.blindSign(key, blinded);
    return { rate: (1000 * times) / (performance.now() - start) };
  },
  async verify({ spki, prepared, signature }) {
    return { valid: await suite.verify(await publicKey(spki), read(signature), read(prepared)) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await commands[request.do](request)));
}
