// Stands between this phone and the portal for one thing: a page that cannot be reached becomes the offline page.
// Nothing an owner sees is kept here; every page comes from the server each time.

const CACHE = "shopmsg-" + {{ version|safe }};
const PAGE = {{ page|safe }};
const KEPT = {{ kept|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (KEPT.includes(new URL(request.url).pathname)) event.respondWith(part(request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  // Without cookies: the page is kept as a stranger sees it, whoever is logged in.
  const asked = [PAGE, ...KEPT].map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  await cache.addAll(asked);
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith("shopmsg-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The browser asks for a page while it still wakes this script up.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(PAGE, { cacheName: CACHE })) ?? Response.error();
  }
}

async function part(request) {
  return (await caches.match(request.url, { cacheName: CACHE })) ?? fetch(request);
}
