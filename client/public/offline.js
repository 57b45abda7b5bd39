/**
 * Keeps the page's own files, so that it opens without a connection. index.html names them all. Polls, tokens and ballots are of
 * other origins and never pass through here; scripts are still held to the hashes in the page (SRI).
 */
const KEPT = "veche";
const PAGE = new URL("./", self.location.href).href;
const TRUST = "./trust.json";

/** Keep a page with every file it names, and nothing of the page before it. */
async function keep(page) {
  const text = await page.clone().text();
  const names = [...text.matchAll(/\s(?:src|href)="(\.\/[^"]+)"/g)].map((match) => match[1]);
  const wanted = new Set([...names, TRUST].map((name) => new URL(name, PAGE).href));
  const cache = await caches.open(KEPT);
  const there = (await cache.keys()).map((request) => request.url);
  await cache.addAll([...wanted].filter((url) => url.endsWith(TRUST.slice(1)) || !there.includes(url)));
  await cache.put(PAGE, page);
  const old = there.filter((url) => url !== PAGE && !wanted.has(url) && !url.endsWith(".woff2"));
  await Promise.all(old.map((url) => cache.delete(url)));
}

/** Named by their content: the same name is the same file. */
async function fromHere(request) {
  const found = await caches.match(request.url);
  if (found !== undefined) return found;
  const fetched = await fetch(request);
  if (fetched.ok) await (await caches.open(KEPT)).put(request.url, fetched.clone());
  return fetched;
}

/** The page, whatever poll or sign-in its query names; other files can be opened by their address, too, and are none. */
function isPage({ mode, url }) {
  const { origin, pathname } = new URL(url);
  return mode === "navigate" && origin + pathname === PAGE;
}

async function fromThere(event) {
  const { request } = event;
  try {
    const fetched = await fetch(request);
    if (fetched.ok && isPage(request)) event.waitUntil(keep(fetched.clone()).catch(() => undefined));
    return fetched;
  } catch (error) {
    const found = await caches.match(isPage(request) ? PAGE : request.url);
    if (found === undefined) throw error;
    return found;
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(fetch(PAGE, { cache: "reload" }).then(keep).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  event.respondWith(url.pathname.includes("/assets/") ? fromHere(event.request) : fromThere(event));
});
