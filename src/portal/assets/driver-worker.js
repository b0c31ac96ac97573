// Keeps the driver's page on the phone: it is asked for anew whenever there is a signal, and shown as it was when there
// is none. What a page loads is kept as well; nothing else is.
const KEPT = "milkbridge-drive-1";
// A signal that is there and carries nothing is no signal.
const PATIENCE_MS = 6000;
// Language and session are in the page as it was kept.
const ANY = { ignoreVary: true };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fresh(request) {
  const cache = await caches.open(KEPT);
  try {
    const old = await cache.match(request, ANY);
    const answer = await (old ? fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }) : fetch(request));
    if (answer.ok) await cache.put(request, answer.clone());
    else if (answer.status === 403) await cache.delete(request, ANY);
    return answer;
  } catch (fault) {
    const old = await cache.match(request, ANY);
    if (old) return old;
    throw fault;
  }
}

async function known(request) {
  const cache = await caches.open(KEPT);
  const old = await cache.match(request, ANY);
  if (old) return old;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname.startsWith("/portal/drive/")) event.respondWith(fresh(request));
  else if (pathname.startsWith("/portal/assets/")) event.respondWith(known(request));
});
