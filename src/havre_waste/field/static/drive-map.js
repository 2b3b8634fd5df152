// The map of one round: its way, its stops, and the next one.
import { baseMap, colour, label, maplibre } from '../ui/map.js'

const point = (coordinates, properties) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties })
const collection = (features) => ({ type: 'FeatureCollection', features })
const paint = () => ['match', ['get', 'state'], 'done', colour('go'), 'todo', colour('surface'), colour('stop')]

export async function roundMap(place) {
  const places = await (await fetch(place.dataset.places)).json()
  const map = await baseMap(place, { places, tiles: place.dataset.tiles, bounds: [[0.07, 49.47], [0.19, 49.525]], label: place.getAttribute('aria-label') })
  for (const name of ['way', 'stops']) map.addSource(name, { type: 'geojson', data: collection([]) })
  map.addLayer({ id: 'way', source: 'way', type: 'line', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('ink'), 'line-width': 5, 'line-opacity': 0.75 } })
  map.addLayer({ id: 'stops', source: 'stops', type: 'circle', paint: { 'circle-radius': 7, 'circle-color': paint(), 'circle-stroke-width': 3, 'circle-stroke-color': colour('ink') } })
  for (const { geometry, properties } of places.features) {
    if (properties.kind === 'bridge' && properties.name && geometry.type === 'Point') label(map, { at: geometry.coordinates, text: properties.name, className: 'is-bridge' })
  }
  document.documentElement.addEventListener('theme', () => {
    map.setPaintProperty('way', 'line-color', colour('ink'))
    map.setPaintProperty('stops', 'circle-color', paint())
    map.setPaintProperty('stops', 'circle-stroke-color', colour('ink'))
  })
  const pin = document.createElement('div')
  const number = pin.appendChild(Object.assign(document.createElement('div'), { className: 'map-next' })).appendChild(document.createElement('span'))
  const marker = new maplibre.Marker({ element: pin, anchor: 'bottom' })
  let shown
  return (plan, states, current) => {
    map.getSource('way').setData({ type: 'Feature', geometry: { type: 'LineString', coordinates: plan.line }, properties: {} })
    map.getSource('stops').setData(collection(plan.steps.filter((one) => one.number).map((one) => point(one.place, { state: states.get(one.id)?.kind ?? 'todo' }))))
    if (!current) return marker.remove()
    number.textContent = current.number ?? ''
    marker.setLngLat(current.place).addTo(map)
    if (shown === current.id) return undefined
    shown = current.id
    const box = new maplibre.LngLatBounds()
    const from = plan.steps.indexOf(current)
    for (const one of plan.steps.slice(Math.max(0, from - 1), from + 3)) box.extend(one.place)
    return map.fitBounds(box, { padding: { top: 70, bottom: 30, left: 50, right: 50 }, maxZoom: 15.5, duration: 0 })
  }
}
