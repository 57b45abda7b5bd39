/** Requests over real connections that break. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConnectionLost, getBytes, getJson, post, Refused } from "../src/api/http.ts";

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/broken") {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("{");
      setTimeout(() => response.destroy(), 20);
      return;
    }
    response.writeHead(503, { "Content-Type": "application/problem+json" });
    response.end(JSON.stringify({ type: `urn:veche:problem:${request.url!.slice(1)}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

test("an answer that breaks off is a lost connection, not a wrong answer", async () => {
  await expect(getBytes(`${origin}/broken`)).rejects.toThrow(ConnectionLost);
  await expect(getJson(`${origin}/broken`)).rejects.toThrow(ConnectionLost);
  await expect(post(`${origin}/broken`, "x", {})).rejects.toThrow(ConnectionLost);
});

test("a refusal has its slug, and says whether to ask again", async () => {
  for (const [slug, passing] of [["unavailable", true], ["poll-closed", false]] as const) {
    const refused: unknown = await getBytes(`${origin}/${slug}`).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect([(refused as Refused).slug, (refused as Refused).passing]).toEqual([slug, passing]);
  }
});
