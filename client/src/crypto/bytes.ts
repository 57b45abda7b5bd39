/** Bytes and their text forms; every decoder refuses text that does not encode back to itself (protocol 1.2). */

export type Bytes = Uint8Array<ArrayBuffer>;

export class EncodingRefused extends Error {}

const HEX = /^(?:[0-9a-f]{2})*$/;

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EncodingRefused("not UTF-8");
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string, size: number): Bytes {
  if (text.length !== 2 * size || !HEX.test(text)) throw new EncodingRefused("not hex of the due size");
  return Uint8Array.from({ length: size }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

export function b64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export function fromB64(text: string): Bytes {
  let raw: string;
  try {
    raw = atob(text);
  } catch {
    throw new EncodingRefused("not base64");
  }
  const bytes = Uint8Array.from(raw, (character) => character.charCodeAt(0));
  if (b64(bytes) !== text) throw new EncodingRefused("not the canonical base64 of its bytes");
  return bytes;
}

export function b64u(bytes: Uint8Array): string {
  return b64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromB64u(text: string, size?: number): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new EncodingRefused("not base64url");
  const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4);
  const bytes = fromB64(padded);
  if (size !== undefined && bytes.length !== size) throw new EncodingRefused("not of the due size");
  return bytes;
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

export function uint(size: number, value: number): Bytes {
  return Uint8Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** (size - 1 - at)) % 256);
}
