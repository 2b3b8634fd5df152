// Makes the driver's page open without a network. VERSION and FILES are put before this by the server: a new version
// of the pages is a new worker, which fetches everything anew before the old one goes.
const PAGES = 'field-pages'
const CACHE = `field-${VERSION}`
const PATIENCE = 5000

addEventListener('install', (event) => event.waitUntil(install()))
addEventListener('activate', (event) => event.waitUntil(activate()))

async function install() {
  await (await caches.open(CACHE)).addAll(FILES)
  // pages that are kept name files of the old version
  const pages = await caches.open(PAGES)
  for (const request of await pages.keys()) await fresh(pages, request.url).catch(() => null)
  await skipWaiting()
}

async function activate() {
  const names = await caches.keys()
  await Promise.all(names.filter((one) => one.startsWith('field-') && one !== CACHE && one !== PAGES).map((one) => caches.delete(one)))
  await clients.claim()
}

// From the network, and kept; a page that is gone is kept no more.
async function fresh(pages, request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) })
  if (answer.ok) await pages.put(request, answer.clone())
  else if (answer.status === 404) await pages.delete(request)
  return answer
}

async function page(request) {
  const pages = await caches.open(PAGES)
  const kept = () => pages.match(request, { ignoreSearch: true, ignoreVary: true })
  try {
    const answer = await fresh(pages, request)
    return answer.status >= 500 ? await kept() ?? answer : answer
  } catch {
    return await kept() ?? Response.error()
  }
}

async function file(request) {
  const kept = await (await caches.open(CACHE)).match(request, { ignoreVary: true })
  return kept ?? fetch(request)
}

addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== location.origin) return
  if (event.request.mode === 'navigate') event.respondWith(page(event.request))
  else if (FILES.includes(pathname)) event.respondWith(file(event.request))
})
