// The map of the city: containers by how full they are held to be, rounds and how far they are.
// With data-only it shows one round. It asks again every half minute while somebody looks.
import { baseMap, colour, label, maplibre } from '../ui/map.js'

const EVERY = 30_000
const place = document.getElementById('map')
const only = place.dataset.only
const of = (kind) => ['==', ['get', 'kind'], kind]
const LEVELS = ['low', 'half', 'high', 'full']
const levelColour = () => ['match', ['get', 'level'], ...LEVELS.flatMap((one) => [one, colour(one)]), colour('unsure')]
const stopColour = () => ['match', ['get', 'state'], 'done', colour('go'), 'next', colour('sun'), 'todo', colour('surface'), colour('stop')]
const dot = (small, large) => ['interpolate', ['linear'], ['zoom'], 11, ['*', small, ['+', 0.7, ['get', 'fill']]], 15, ['*', large, ['+', 0.7, ['get', 'fill']]]]
const onRounds = only ? ['all', of('round'), ['==', ['get', 'id'], only]] : of('round')

const layers = () => [
  { id: 'ahead', type: 'line', filter: ['all', onRounds, ['!', ['get', 'driven']]], layout: { 'line-join': 'round' }, paint: { 'line-color': colour('round'), 'line-width': only ? 3 : 2, 'line-dasharray': [2, 1.5] } },
  { id: 'driven', type: 'line', filter: ['all', onRounds, ['get', 'driven']], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('round'), 'line-width': only ? 6 : 4.5, 'line-opacity': 0.85 } },
  ...(only ? [] : [{ id: 'containers', type: 'circle', filter: of('container'), paint: {
    'circle-radius': dot(3, 7),
    'circle-color': ['case', ['get', 'unsure'], colour('surface'), levelColour()],
    'circle-stroke-width': ['case', ['get', 'unsure'], 2.5, 1], 'circle-stroke-color': ['case', ['get', 'unsure'], levelColour(), colour('surface')],
  } }, { id: 'doubted', type: 'symbol', filter: ['all', of('container'), ['get', 'doubted']], layout: { 'icon-image': 'cross', 'icon-allow-overlap': true, 'icon-offset': [7, -7] } }]),
  ...(only ? [{ id: 'stops', type: 'circle', filter: ['all', of('stop'), ['==', ['get', 'round'], only]], paint: { 'circle-radius': 6, 'circle-color': stopColour(), 'circle-stroke-width': 2, 'circle-stroke-color': colour('round') } }] : []),
]

const cross = () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 24, height: 24 })
  const pen = canvas.getContext('2d')
  for (const [style, width] of [[colour('surface'), 9], [colour('stop'), 5]]) {
    Object.assign(pen, { strokeStyle: style, lineWidth: width, lineCap: 'round' })
    pen.beginPath(); pen.moveTo(6, 6); pen.lineTo(18, 18); pen.moveTo(18, 6); pen.lineTo(6, 18); pen.stroke()
  }
  return pen.getImageData(0, 0, 24, 24)
}

function draw(map) {
  if (map.hasImage('cross')) map.updateImage('cross', cross())
  else map.addImage('cross', cross(), { pixelRatio: 2 })
  for (const layer of layers()) {
    if (!map.getLayer(layer.id)) map.addLayer({ source: 'things', ...layer })
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name, value)
  }
}

function bounds(things) {
  const box = new maplibre.LngLatBounds()
  for (const { geometry, properties } of things.features) {
    if (geometry.type === 'Point' && (!only || properties.round === only)) box.extend(geometry.coordinates)
    if (geometry.type === 'LineString' && properties.id === only) geometry.coordinates.forEach((one) => box.extend(one))
  }
  return box.isEmpty() ? [[0.07, 49.47], [0.19, 49.525]] : box
}

async function tell(map, { features: [one], lngLat }) {
  const answer = await fetch(place.dataset.container + encodeURIComponent(one.properties.id))
  if (!answer.ok) return
  const { name, flow, lines } = await answer.json()
  const box = document.createElement('div')
  const title = Object.assign(document.createElement('strong'), { textContent: `${name}, ${flow}` })
  box.append(title, ...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })))
  new maplibre.Popup({ closeButton: false, maxWidth: '18rem' }).setLngLat(lngLat).setDOMContent(box).addTo(map)
}

const things = async () => {
  const answer = await fetch(place.dataset.things, { signal: AbortSignal.timeout(8000) })
  if (!answer.ok) throw new Error(`the map's things: ${answer.status}`)
  return answer.json()
}

async function follow(map) {
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY))
    if (document.hidden) continue
    try {
      const now = await things()
      map.getSource('things').setData(now)
      if (now.old) place.dataset.state = 'lost'
      else delete place.dataset.state
    } catch {
      place.dataset.state = 'lost'
    }
  }
}

async function start() {
  const [places, first] = await Promise.all([(await fetch(place.dataset.places)).json(), things()])
  const map = await baseMap(place, { places, tiles: place.dataset.tiles, bounds: bounds(first), label: place.getAttribute('aria-label') })
  map.addSource('things', { type: 'geojson', data: first })
  draw(map)
  for (const { geometry, properties } of places.features) {
    if (properties.kind === 'bridge' && properties.name && geometry.type === 'Point') label(map, { at: geometry.coordinates, text: properties.name, className: 'is-bridge' })
  }
  document.documentElement.addEventListener('theme', () => draw(map))
  if (!only) {
    map.on('click', 'containers', (event) => tell(map, event))
    map.on('mouseenter', 'containers', () => { map.getCanvas().style.cursor = 'pointer' })
    map.on('mouseleave', 'containers', () => { map.getCanvas().style.cursor = '' })
  }
  place.dataset.drawn = 'yes'
  if (first.old) place.dataset.state = 'lost'
  await follow(map)
}

start().catch((error) => {
  console.warn(error)
  place.replaceChildren(Object.assign(document.createElement('p'), { className: 'failed', textContent: place.dataset.failed }))
})
