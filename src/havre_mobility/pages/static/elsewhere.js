// Openings of bridges that others tell of: points on the map, which a button brings into view. No cards.
import { colour, maplibre } from '../ui/map.js'

const EVERY = 60_000
const MOST = 6
const box = document.getElementById('elsewhere')
const empty = { type: 'FeatureCollection', features: [] }

const paint = () => ({
  'circle-radius': ['match', ['get', 'state'], ['starting', 'in_operation'], 7, 5],
  'circle-color': ['match', ['get', 'state'], 'planned', colour('soon'), 'in_operation', colour('stop'), 'ended', colour('go'), colour('surface')],
  'circle-stroke-width': ['match', ['get', 'state'], ['old', 'starting', 'cancelled'], 2.5, 1],
  'circle-stroke-color': ['match', ['get', 'state'], ['old', 'cancelled'], colour('unsure'), 'starting', colour('stop'), colour('surface')],
})

function layer(map) {
  map.addSource('elsewhere', { type: 'geojson', data: empty })
  map.addLayer({
    id: 'elsewhere', type: 'circle', source: 'elsewhere', paint: paint(),
    layout: { 'circle-sort-key': ['match', ['get', 'state'], 'in_operation', 3, 'starting', 2, 'ended', 1, 0] },
  })
  document.documentElement.addEventListener('theme', () => {
    for (const [name, value] of Object.entries(paint())) map.setPaintProperty('elsewhere', name, value)
  })
  map.on('click', 'elsewhere', ({ features, lngLat }) => {
    const said = document.createElement('div')
    const name = document.createElement('strong')
    name.textContent = features[0].properties.bridge
    said.append(name)
    const here = features.filter((one) => one.properties.bridge === features[0].properties.bridge)
    here.sort((one, other) => one.properties.starts_at.localeCompare(other.properties.starts_at))
    for (const { properties } of here.slice(0, MOST)) said.append(document.createElement('br'), properties.line)
    if (here.length > MOST) said.append(document.createElement('br'), '…')
    new maplibre.Popup({ closeButton: false }).setLngLat(lngLat).setDOMContent(said).addTo(map)
  })
}

function bounds({ features }) {
  const all = new maplibre.LngLatBounds()
  for (const one of features) all.extend(one.geometry.coordinates)
  return all
}

export async function showElsewhere(map, address, home) {
  let shown = empty
  layer(map)
  const button = box.querySelector('button')
  button.addEventListener('click', () => {
    const there = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', there)
    map.fitBounds(there ? bounds(shown) : home, { padding: 40, maxZoom: 12, animate: false })
  })
  for (;;) {
    if (!document.hidden) {
      try {
        const answer = await fetch(address, { signal: AbortSignal.timeout(10_000) })
        if (!answer.ok) throw new Error(answer.status)
        shown = await answer.json()
        box.querySelector('span').textContent = shown.said
      } catch {
        // nothing stands that is not told again
        shown = empty
      }
      map.getSource('elsewhere').setData(shown)
      box.hidden = shown.features.length === 0
    }
    await new Promise((done) => setTimeout(done, EVERY))
  }
}
