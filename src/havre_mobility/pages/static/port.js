// The map of the port: ships as last heard, bridges by the state of the road. While somebody looks it asks for positions
// after those that it has, which are answered when there are new ones, and says so when no answer comes.
import { showElsewhere } from './elsewhere.js'
import { baseMap, colour, label, maplibre } from '../ui/map.js'

const SOON = 200
const EVERY = 1000
const LOST = 15_000
const NARROW = 500
const place = document.getElementById('map')
const bridges = new Map()

const arrow = (fill, hollow) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 48, height: 48 })
  const pen = canvas.getContext('2d')
  pen.beginPath()
  pen.moveTo(24, 3); pen.lineTo(37, 43); pen.lineTo(24, 35); pen.lineTo(11, 43); pen.closePath()
  pen.lineWidth = 4
  pen.strokeStyle = hollow ? fill : colour('surface')
  pen.fillStyle = hollow ? colour('surface') : fill
  pen.stroke(); pen.fill()
  if (hollow) pen.stroke()
  return pen.getImageData(0, 0, 48, 48)
}

const still = (fill, hollow) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 32 })
  const pen = canvas.getContext('2d')
  pen.beginPath(); pen.arc(16, 16, 9, 0, 7)
  pen.lineWidth = 4
  pen.strokeStyle = hollow ? fill : colour('surface')
  pen.fillStyle = hollow ? colour('surface') : fill
  pen.fill(); pen.stroke()
  return pen.getImageData(0, 0, 32, 32)
}

const IMAGES = { now: ['ink', false], last_seen: ['unsure', true], doubted: ['stop', true] }

function images(map) {
  for (const [state, [name, hollow]] of Object.entries(IMAGES)) {
    for (const [shape, draw] of [['arrow', arrow], ['still', still]]) {
      const id = `${shape}-${state}`
      if (map.hasImage(id)) map.updateImage(id, draw(colour(name), hollow))
      else map.addImage(id, draw(colour(name), hollow), { pixelRatio: 2 })
    }
  }
}

function ships(map) {
  map.addSource('ships', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } })
  map.addLayer({
    id: 'ships', type: 'symbol', source: 'ships',
    layout: {
      'icon-image': ['concat', ['case', ['get', 'moving'], 'arrow-', 'still-'], ['get', 'state']],
      'icon-rotate': ['coalesce', ['get', 'course'], 0],
      'icon-rotation-alignment': 'map', 'icon-allow-overlap': true,
    },
  })
  map.on('click', 'ships', ({ features: [one], lngLat }) => {
    const box = document.createElement('div')
    const name = document.createElement('strong')
    name.textContent = one.properties.name
    box.append(name, document.createElement('br'), one.properties.line)
    new maplibre.Popup({ closeButton: false }).setLngLat(lngLat).setDOMContent(box).addTo(map)
  })
}

function show(map, collection) {
  const of = (kind) => collection.features.filter((one) => one.properties.kind === kind)
  map.getSource('ships').setData({ type: 'FeatureCollection', features: of('ship') })
  for (const { geometry, properties } of [...of('bridge'), ...of('gate')]) {
    const href = properties.kind === 'bridge' ? place.dataset.bridge + properties.id : undefined
    const element = bridges.get(properties.id) ?? label(map, { at: geometry.coordinates, text: properties.name, className: '', href })
    bridges.set(properties.id, element)
    element.classList.remove('is-open', 'is-announced', 'is-closed', 'is-shut', 'is-unknown')
    element.classList.add(`is-${properties.kind}`, `is-${properties.state ?? 'open'}`)
    element.title = properties.line
  }
}

async function follow(map) {
  let heard = performance.now(), at = ''
  for (;;) {
    let pause = EVERY
    if (!document.hidden) {
      try {
        const answer = await fetch(`${place.dataset.positions}?after=${at}`, { signal: AbortSignal.timeout(5000) })
        if (!answer.ok) throw new Error(answer.status)
        const collection = await answer.json()
        show(map, collection)
        heard = performance.now()
        if (collection.at !== at) pause = SOON // who has nothing new may have answered without waiting for it
        at = collection.at
        const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short', timeZone: place.dataset.zone })
        place.dataset.said = place.dataset.lost.replace('{at}', clock.format(new Date(collection.at)))
      } catch { /* the age below tells it */ }
      place.dataset.state = performance.now() - heard > LOST ? 'lost' : 'now'
    }
    await new Promise((done) => setTimeout(done, pause))
  }
}

function extent(places) {
  const bounds = new maplibre.LngLatBounds()
  const kinds = place.clientWidth < NARROW ? ['bridge'] : ['bridge', 'gate']
  const marks = places.features.filter((one) => kinds.includes(one.properties.kind))
  const walk = (at) => typeof at[0] === 'number' ? bounds.extend(at) : at.forEach(walk)
  for (const one of marks) walk(one.geometry.coordinates)
  return bounds.isEmpty() ? [[0.05, 49.44], [0.26, 49.51]] : bounds
}

async function start() {
  const places = await (await fetch(place.dataset.places)).json()
  const map = await baseMap(place, { places, tiles: place.dataset.tiles, bounds: extent(places), label: place.getAttribute('aria-label') })
  images(map)
  ships(map)
  document.documentElement.addEventListener('theme', () => images(map))
  if (place.dataset.elsewhere) showElsewhere(map, place.dataset.elsewhere, extent(places))
  await follow(map)
}

start().catch((error) => {
  console.warn(error)
  const said = document.createElement('p')
  said.className = 'failed'
  said.textContent = place.dataset.failed
  place.replaceChildren(said)
})
