// The driver's page. What the crew says is kept on this phone first, then sent, as often as needed: the server counts
// each event once, by its id. What stands at a stop is what was said last there.
import { shrink } from './photo.js'
import * as queue from './queue.js'

const EVERY = 20_000
const STALE = 5 * 60_000
const TOLD = 15_000
const SAVED = 5_000
const MOST = 200
const $ = (id) => document.getElementById(id)
const say = JSON.parse($('words').textContent)
const main = $('content')
const path = main.dataset.here
const now = { plan: null, skew: 0, heard: 0, seen: [], waiting: [], photos: 0, saved: 0, online: navigator.onLine, gone: false, refused: [], notices: [], chosen: null, told: null }
let drawMap = null

const h = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children.filter((one) => one !== null))
  return element
}

// ——— what stands
const later = (one, other) => one.at > other.at || (one.at === other.at && one.id > other.id)

function states() {
  const last = new Map(Object.entries(now.plan.states))
  for (const { event } of now.waiting) {
    const before = last.get(event.stop)
    if (!before || later(event, before)) last.set(event.stop, event)
  }
  return new Map([...last].filter(([, one]) => one.kind !== 'undone'))
}

const current = (standing) =>
  now.plan.steps.find((one) => one.id === now.chosen) ?? now.plan.steps.find((one) => one.do !== 'depot' && !standing.has(one.id))

// ——— what is said
async function tell(stop, said) {
  const event = { fill: null, note: null, photo: null, ...said, id: crypto.randomUUID(), stop, at: new Date(Date.now() + now.skew).toISOString() }
  const one = { id: event.id, path, event }
  now.waiting.push(one)
  now.chosen = null
  now.told = event.kind === 'undone' ? null : { stop, event, until: Date.now() + TOLD }
  draw()
  await queue.put('events', one)
  sync()
}

async function keepPhoto(file) {
  const { hash, blob } = await shrink(file, Number(main.dataset.largest))
  await queue.put('photos', { hash, path, blob })
  now.photos += 1
  return hash
}

// ——— to and from the server
let sending = null
const sync = () => sending ??= send().catch(() => { now.online = false }).finally(() => { sending = null; draw() })

const ask = (address, options) => fetch(`${path}/${address}`, { ...options, signal: AbortSignal.timeout(15_000), cache: 'no-store' })

async function send() {
  let batch = now.waiting.slice(0, MOST)
  let sent = batch.length + now.photos
  do {
    const answer = batch.length
      ? await ask('events', { method: 'POST', body: JSON.stringify(batch.map((one) => one.event)), headers: { 'content-type': 'application/json' } })
      : await ask('plan.json')
    now.gone = answer.status === 404
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
    now.online = true
    await receive(await answer.json(), batch)
    batch = now.waiting.slice(0, MOST)
    sent += batch.length
  } while (batch.length)
  for (const { hash, blob } of await queue.all('photos', path)) {
    const answer = await ask(`photos/${hash}`, { method: 'POST', body: blob, headers: { 'content-type': 'image/jpeg' } })
    if (answer.status === 400) now.refused.push((await answer.json()).detail)
    else if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
    await queue.remove('photos', hash)
  }
  now.photos = (await queue.all('photos', path)).length
  if (sent) now.saved = Date.now()
}

async function receive(plan, sent) {
  const { accepted = [], refused = {}, ...rest } = plan
  const over = new Set([...accepted, ...Object.keys(refused)])
  now.refused.push(...Object.values(refused))
  Object.assign(now, { plan: rest, skew: Date.parse(rest.now) - Date.now(), heard: Date.now() })
  await keepPlan()
  for (const { id } of sent.filter((one) => over.has(one.id))) await queue.remove('events', id)
  now.waiting = now.waiting.filter((one) => !over.has(one.id))
}

const keepPlan = () => queue.put('plans', { path, plan: now.plan, skew: now.skew, heard: now.heard, seen: now.seen })

// ——— what is shown
function draw() {
  drawStrip()
  drawBanners()
  if (!now.plan) return
  const standing = states()
  const next = current(standing)
  const stops = now.plan.steps.filter((one) => one.number)
  $('count').textContent = `${stops.filter((one) => standing.has(one.id)).length} / ${stops.length}`
  drawNext(next, standing)
  drawTold(standing)
  drawList(standing, next)
  drawMap?.(now.plan, standing, next)
}

function drawStrip() {
  const count = now.waiting.length + now.photos
  const old = now.heard && Date.now() - now.heard > STALE
  const well = now.online && !count && !old
  const parts = [now.online ? '' : say.offline, count ? `${count} ${say.waiting}` : '', well && Date.now() < now.saved + SAVED ? say.online : '']
  if (now.plan && (!now.online || old)) parts.push(`${say.as_of.replace('{at}', now.plan.clock)}. ${say.stale}`)
  if (!queue.keeps) parts.push(say.no_store)
  const line = parts.filter(Boolean).join(' · ')
  if ($('strip').textContent !== line) $('strip').textContent = line
  $('strip').hidden = !line || !now.heard
  $('strip').classList.toggle('is-well', well)
  $('strip').dataset.waiting = count
}

function drawBanners() {
  const told = (now.plan?.replans ?? []).filter((one) => !now.seen.includes(one.id))
  const banners = [
    ...(now.gone ? [h('p', { className: 'banner is-grave', textContent: say.gone })] : []),
    ...now.refused.map((why) => banner(say.refused.replace('{why}', why), 'is-grave', () => { now.refused = now.refused.filter((one) => one !== why) })),
    ...now.notices.map((line) => banner(line, '', () => { now.notices = now.notices.filter((one) => one !== line) })),
    ...told.map((one) => banner(one.line, '', () => { now.seen.push(one.id); keepPlan() })),
  ]
  const before = $('banners').textContent
  if (before !== banners.map((one) => one.textContent).join('')) {
    $('banners').replaceChildren(...banners)
    if (told.length) navigator.vibrate?.(200)
  }
}

const banner = (line, more, seen) => h('div', { className: `banner ${more}` },
  h('p', { textContent: line }), h('button', { type: 'button', textContent: say.seen, onclick: () => { seen(); draw() } }))

const bridges = (step) => step.bridges.map(({ line, waits }) => h('li', { className: waits ? 'waits' : '', textContent: line }))

function drawNext(step, standing) {
  $('next').hidden = !step
  $('thumb').hidden = !step
  $('over').hidden = Boolean(step)
  if (!step) return
  const state = standing.get(step.id)
  $('next-number').textContent = step.number ?? ''
  $('next-when').textContent = say.planned.replace('{at}', step.clock)
  $('next-name').textContent = step.name
  $('next-what').textContent = [step.do === 'collect' ? '' : say[step.do], step.what].filter(Boolean).join(', ')
  $('next-expected').textContent = [step.expected, step.reversing ? say.reversing : ''].filter(Boolean).join(', ')
  $('next-bridges').replaceChildren(...bridges(step))
  $('next-said').hidden = !state
  $('next-state').textContent = state ? say[`state_${state.kind}`] : ''
  $('next-state').className = `chip is-${state?.kind}`
  $('go').href = `geo:${step.place[1]},${step.place[0]}?q=${step.place[1]},${step.place[0]}(${encodeURIComponent(step.name)})`
  for (const one of document.querySelectorAll('.collect')) one.hidden = step.do !== 'collect'
}

function drawTold(standing) {
  const told = now.told && Date.now() < now.told.until && standing.has(now.told.stop) ? now.told : null
  const step = told && now.plan.steps.find((one) => one.id === told.stop)
  $('told').hidden = !step
  if (!step) return
  $('told-line').textContent = `${step.name}: ${say[`state_${told.event.kind}`]}`.replace(': ', say.colon)
  $('told-photo').hidden = Boolean(told.event.photo) || !step.number
}

function drawList(standing, next) {
  const steps = now.plan.steps.filter((one, place) => place || one.do !== 'depot')
  const [behind, ahead] = [true, false].map((settled) => steps.filter((one) => standing.has(one.id) === settled)
    .map((one) => row(one, standing.get(one.id), one === next)))
  $('list').replaceChildren(...ahead)
  $('behind').hidden = !behind.length
  $('behind-count').textContent = behind.length
  $('behind-list').replaceChildren(...behind)
}

const signs = { done: '✓', blocked: '!', damaged: '!' }

function row(step, state, isCurrent) {
  const what = state ? [say[`state_${state.kind}`], state.note ? say[`note_${state.note}`] : ''].filter(Boolean).join(', ') : step.do === 'collect' ? step.what : [say[step.do], step.what].filter(Boolean).join(', ')
  const button = h('button', { type: 'button', className: 'stop', onclick: () => { now.chosen = step.id; now.told = null; draw(); scrollTo(0, 0) } },
    h('span', { className: 'n', textContent: state ? signs[state.kind] : step.number ?? '·', ariaHidden: 'true' }),
    h('span', {}, h('strong', { textContent: step.name }), h('small', { textContent: what })),
    h('span', { className: 'at', textContent: step.clock }))
  button.dataset.step = step.id
  if (isCurrent) button.setAttribute('aria-current', 'step')
  return h('li', { className: `${state ? `is-${state.kind}` : ''} ${isCurrent ? 'is-current' : ''}` },
    step.bridges.length && !isCurrent ? h('ul', { className: 'bridges' }, ...bridges(step)) : null, button)
}

// ——— under the thumb
for (const button of document.querySelectorAll('.thumb [data-kind]')) {
  button.addEventListener('click', () => {
    const fill = button.dataset.fill ? Number(button.dataset.fill) : null
    tell(current(states()).id, { kind: button.dataset.kind, fill })
  })
}
$('undo').addEventListener('click', () => tell(current(states()).id, { kind: 'undone' }))
$('told-undo').addEventListener('click', () => tell(now.told.stop, { kind: 'undone' }))
$('told-file').addEventListener('change', async ({ target }) => {
  const { stop, event } = now.told
  const photo = await taken(target)
  if (photo) tell(stop, { kind: event.kind, fill: event.fill, note: event.note, photo })
})

async function taken(input) {
  const [file] = input.files
  input.value = ''
  try {
    return file ? await keepPhoto(file) : null
  } catch (error) {
    console.warn(error)
    now.notices.push(say.photo_failed)
    draw()
    return null
  }
}

for (const kind of ['blocked', 'damaged']) {
  const dialog = $(`ask-${kind}`)
  const image = dialog.querySelector('img')
  let photo = null
  const shown = (blob) => {
    URL.revokeObjectURL(image.src)
    image.hidden = !blob
    if (blob) image.src = URL.createObjectURL(blob)
    else image.removeAttribute('src')
  }
  document.querySelector(`[data-ask=${kind}]`).addEventListener('click', () => { photo = null; shown(null); dialog.showModal() })
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', ({ target }) => { if (target === dialog) dialog.close() })
  dialog.querySelector('input').addEventListener('change', async ({ target }) => {
    photo = await taken(target)
    if (photo) shown((await queue.get('photos', photo))?.blob)
    dialog.dataset.photo = photo ?? ''
  })
  for (const button of dialog.querySelectorAll('[data-note]')) {
    button.addEventListener('click', () => {
      dialog.close()
      tell(current(states()).id, { kind, note: button.dataset.note, photo })
    })
  }
}

const broken = $('broken')
broken?.querySelector('[data-yes]').addEventListener('click', async () => {
  broken.close()
  const answer = await ask('broken', { method: 'POST' }).catch(() => null)
  now.notices.push(answer?.ok ? say.broken_told : say.broken_failed)
  draw()
})
document.querySelector('[data-ask=broken]')?.addEventListener('click', () => broken.showModal())
broken?.querySelector('[data-close]').addEventListener('click', () => broken.close())

// ——— from here on
async function offline() {
  if (!navigator.serviceWorker) return
  await navigator.serviceWorker.register(main.dataset.worker, { scope: main.dataset.scope })
  await navigator.serviceWorker.ready
  const pages = await caches.open('field-pages')
  if (!await pages.match(location.pathname)) await pages.add(location.pathname)
  main.dataset.offline = 'ready'
}

async function awake() {
  if (!document.hidden) await navigator.wakeLock?.request('screen').catch(() => null)
}

async function start() {
  const kept = await queue.get('plans', path)
  now.waiting = (await queue.all('events', path)).sort((one, other) => (later(one.event, other.event) ? 1 : -1))
  now.photos = (await queue.all('photos', path)).length
  if (kept) Object.assign(now, kept)
  draw()
  await sync()
  import('./drive-map.js').then(({ roundMap }) => roundMap($('map'))).then((drawer) => {
    drawMap = drawer
    $('map').dataset.drawn = 'yes'
    draw()
  }).catch((error) => {
    console.warn(error)
    $('map').replaceChildren(h('p', { className: 'failed', textContent: $('map').dataset.failed }))
  })
  setInterval(() => { if (document.hidden) return; sync() }, EVERY)
  setInterval(draw, SAVED)
}

addEventListener('online', sync)
addEventListener('offline', () => { now.online = false; draw() })
document.addEventListener('visibilitychange', () => { awake(); if (!document.hidden) sync() })
awake()
start()
offline().catch((error) => console.warn(error))
