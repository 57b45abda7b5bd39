/** JSON decoded strictly: canonical bytes (RFC 8785), exactly the due members, checked types. */
import canonicalize from "canonicalize";
import { type Bytes, fromUtf8, utf8 } from "../crypto/bytes.ts";

export class Malformed extends Error {}

export type Members = Readonly<Record<string, unknown>>;

export function canonicalJson(value: unknown): Bytes {
  const text = canonicalize(value);
  if (text === undefined) throw new Malformed("no canonical form");
  return utf8(text);
}

/** Parse JSON that must be its own canonical form. Throws Malformed. */
export function parseCanonical(bytes: Uint8Array): unknown {
  let value: unknown;
  let again: string | undefined;
  const text = fromUtf8(bytes);
  try {
    value = JSON.parse(text);
    again = canonicalize(value);
  } catch {
    throw new Malformed("not JSON");
  }
  if (again !== text) throw new Malformed("not canonical JSON");
  return value;
}

export function members(value: unknown, ...names: readonly string[]): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed("not an object");
  const all = (some: readonly string[]): string => JSON.stringify([...some].sort());
  if (all(Object.keys(value)) !== all(names)) throw new Malformed(`other members than ${names.join(", ")}`);
  return value as Members;
}

export function list(value: unknown, minimum: number, maximum: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length < minimum || value.length > maximum) throw new Malformed("not the due list");
  return value;
}

export function string(value: unknown, pattern?: RegExp): string {
  if (typeof value !== "string" || (pattern !== undefined && !pattern.test(value))) throw new Malformed("not the due string");
  return value;
}

export function integer(value: unknown, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new Malformed("not the due integer");
  }
  return value;
}

export function boolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Malformed("not a boolean");
  return value;
}

export function oneOf<T extends string>(value: unknown, ...allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new Malformed(`not one of ${allowed.join(", ")}`);
  return found;
}

export function unique(values: readonly string[], what: string): void {
  if (new Set(values).size !== values.length) throw new Malformed(`a ${what} stands twice`);
}
