// A click on the map fills the field of the form that was chosen last. Without a map the form works as it is.
import { baseMap, maplibre } from '../ui/map.js'

const box = document.getElementById('choose')
const place = document.getElementById('map')
const fields = ['from', 'to'].map((name) => document.getElementById(name))
const marks = new Map()
let field = fields.find((one) => !one.value) ?? fields[0]
for (const one of fields) one.addEventListener('focus', () => { field = one })
for (const link of document.querySelectorAll('.switches a')) {
  link.addEventListener('click', () => { // what was written goes along
    const written = [...new FormData(fields[0].form)].filter(([, text]) => text)
    link.search = new URLSearchParams(written)
  })
}

function chosen(map, { lng, lat }) {
  field.value = `${lat.toFixed(5)}, ${lng.toFixed(5)}`
  marks.get(field)?.remove()
  marks.set(field, new maplibre.Marker().setLngLat([lng, lat]).addTo(map))
  field = fields.find((one) => !one.value) ?? field
}

async function start() {
  const places = await (await fetch(place.dataset.places)).json()
  box.hidden = false
  const bounds = new maplibre.LngLatBounds()
  for (const { geometry, properties } of places.features) {
    if (properties.kind === 'bridge' && geometry.type === 'Point') bounds.extend(geometry.coordinates)
  }
  const map = await baseMap(place, { places, tiles: place.dataset.tiles, bounds, label: place.getAttribute('aria-label') })
  map.on('click', ({ lngLat }) => chosen(map, lngLat))
}

start().catch((error) => {
  console.warn(error)
  box.hidden = true
})
