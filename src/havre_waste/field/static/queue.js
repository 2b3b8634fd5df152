// What this phone keeps until the server has it: events and photos to send, and the last plan. In IndexedDB, so that it
// is still there after the page, the browser or the battery has gone; in memory only where a browser refuses.
const NAMES = { events: 'id', photos: 'hash', plans: 'path' }
const memory = Object.fromEntries(Object.keys(NAMES).map((name) => [name, new Map()]))
let opened

export let keeps = true

const result = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result)
  request.onerror = () => failed(request.error)
})

const database = () => opened ??= (async () => {
  const request = indexedDB.open('havre-field', 1)
  request.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(NAMES)) request.result.createObjectStore(name, { keyPath })
  }
  return result(request)
})().catch(() => { keeps = false; return null })

// Done when it is on the disk, not before.
async function within(name, mode, work, instead) {
  const base = await database()
  if (!base) return instead(memory[name])
  const transaction = base.transaction(name, mode, { durability: 'strict' })
  const answer = await result(work(transaction.objectStore(name)))
  if (mode === 'readwrite') await new Promise((done, failed) => { transaction.oncomplete = done; transaction.onabort = () => failed(transaction.error) })
  return answer
}

export const put = (name, value) => within(name, 'readwrite', (store) => store.put(value), (map) => map.set(value[NAMES[name]], value))
export const get = (name, key) => within(name, 'readonly', (store) => store.get(key), (map) => map.get(key))
export const remove = (name, key) => within(name, 'readwrite', (store) => store.delete(key), (map) => map.delete(key))

// Those of one link.
export async function all(name, path) {
  const every = await within(name, 'readonly', (store) => store.getAll(), (map) => [...map.values()])
  return every.filter((one) => one.path === path)
}
