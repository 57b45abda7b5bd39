"""What a browser keeps for the origin of a page, as the bytes of it all."""

import base64

from playwright.sync_api import Page

_COLLECT = """async () => {
  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const parts = [];
  const add = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) parts.push(value, "\\n");
    else if (typeof value === "object" && value !== null) Object.entries(value).flat().forEach(add);
    else parts.push(`${value}\\n`);
  };
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name));
    for (const store of db.objectStoreNames) {
      add(await done(db.transaction(store).objectStore(store).getAllKeys()));
      add(await done(db.transaction(store).objectStore(store).getAll()));
    }
    db.close();
  }
  [{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state].forEach(add);
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      add(request.url);
      add(await (await cache.match(request)).arrayBuffer());
    }
  }
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


def everything_kept(page: Page) -> bytes:
    """Databases, storages and caches of the page's origin, and the cookies of all origins."""
    cookies = [f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies()]
    return base64.b64decode(page.evaluate(_COLLECT)) + "\n".join(cookies).encode()
