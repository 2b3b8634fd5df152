// A map without a network: coast, quays, roads and bridges as GeoJSON, in the colours of the style sheet.
// Names are HTML (no glyphs to load, and a screen reader reads them). Raster tiles lie under it where they are set.
import * as maplibre from './vendor/maplibre-gl.mjs'

export { maplibre }

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const of = (...kinds) => ['in', ['get', 'kind'], ['literal', kinds]]
const areas = ['==', ['geometry-type'], 'Polygon']
const lines = ['==', ['geometry-type'], 'LineString']

const layers = () => [
  { id: 'land', type: 'fill', filter: ['all', areas, of('coast', 'land')], paint: { 'fill-color': colour('land') } },
  { id: 'shore', type: 'line', filter: of('coast', 'land'), paint: { 'line-color': colour('shore'), 'line-width': 1 } },
  { id: 'water', type: 'fill', filter: ['all', areas, of('water', 'basin')], paint: { 'fill-color': colour('water') } },
  { id: 'areas', type: 'fill', filter: ['all', areas, of('approach', 'anchorage')], paint: { 'fill-color': colour('fairway'), 'fill-opacity': 0.35 } },
  { id: 'locks', type: 'fill', filter: ['all', areas, of('lock')], paint: { 'fill-color': colour('shore') } },
  { id: 'berths', type: 'fill', filter: ['all', areas, of('berth')], paint: { 'fill-color': colour('quay'), 'fill-opacity': 0.25 } },
  { id: 'quays', type: 'line', filter: ['all', lines, of('quay')], layout: { 'line-cap': 'round' }, paint: { 'line-color': colour('quay'), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 1.5, 15, 5] } },
  { id: 'road-case', type: 'line', filter: ['all', lines, of('road')], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('road-edge'), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 3, 15, 9] } },
  { id: 'roads', type: 'line', filter: ['all', lines, of('road')], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('road'), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 1.6, 15, 6] } },
  { id: 'marks', type: 'circle', filter: ['all', ['==', ['geometry-type'], 'Point'], of('bridge', 'gate', 'lock')], paint: { 'circle-radius': 4, 'circle-color': colour('surface'), 'circle-stroke-width': 2, 'circle-stroke-color': colour('quay') } },
  { id: 'trams', type: 'line', filter: ['all', lines, of('tram')], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('tram'), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 1.4, 15, 3] } },
]

export function baseStyle(places, tiles) {
  const under = tiles
    ? { sources: { tiles: { type: 'raster', tiles: [tiles], tileSize: 256 } }, layers: [{ id: 'tiles', type: 'raster', source: 'tiles' }] }
    : { sources: {}, layers: [] }
  const drawn = layers().map((layer) => ({ source: 'places', ...layer }))
  return {
    version: 8,
    sources: { ...under.sources, places: { type: 'geojson', data: places } },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colour('water') } },
      ...under.layers,
      ...(tiles ? drawn.filter((layer) => layer.id === 'quays') : drawn),
    ],
  }
}

// Colours again, after light has become dark.
export function recolour(map) {
  const known = [{ id: 'sea', paint: { 'background-color': colour('water') } }, ...layers()]
  for (const { id, paint } of known.filter((one) => map.getLayer(one.id))) {
    for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value)
  }
}

// Where a name stands: the first of these where it covers none that is there already and is whole.
const HIGH = 26
const SIDES = [0, -1, 1, -2, 2].flatMap((rows) => [
  { anchor: 'bottom', dx: -0.5, dy: -1 }, { anchor: 'top', dx: -0.5, dy: 0 },
  { anchor: 'left', dx: 0, dy: -0.5 }, { anchor: 'right', dx: -1, dy: -0.5 },
].map((one) => ({ ...one, lift: rows * HIGH })))
const taken = new WeakMap()

function side(map, at, text) {
  const others = taken.get(map) ?? taken.set(map, []).get(map)
  const [width, { x, y }] = [text.length * 7.5 + 30, map.project(at)]
  const boxes = SIDES.map(({ anchor, dx, dy, lift }) => ({ anchor, offset: [0, lift], x: x + dx * width, y: y + dy * HIGH + lift }))
  const whole = boxes.filter((one) => one.x >= 0 && one.x + width <= map.getContainer().clientWidth)
  const free = whole.find((one) => others.every((other) =>
    one.x > other.x + other.width || other.x > one.x + width || Math.abs(one.y - other.y) >= HIGH)) ?? whole[0] ?? boxes[0]
  others.push({ ...free, width })
  return { anchor: free.anchor, offset: free.offset }
}

export function label(map, { at, text, className, href }) {
  const element = document.createElement(href ? 'a' : 'span')
  element.className = `map-label ${className}`
  element.textContent = text
  if (href) element.href = href
  new maplibre.Marker({ element, ...side(map, at, text) }).setLngLat(at).addTo(map)
  return element
}

// Throws where the browser cannot draw it; the caller says so.
export async function baseMap(container, { places, tiles, bounds, label: name, words }) {
  const map = new maplibre.Map({
    container,
    style: baseStyle(places, tiles),
    bounds,
    fitBoundsOptions: { padding: Math.min(90, container.clientWidth / 9) },
    attributionControl: false,
    dragRotate: false,
    touchPitch: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    renderWorldCopies: false,
    locale: words,
  })
  map.touchZoomRotate.disableRotation()
  map.scrollZoom.disable()
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), 'top-right')
  map.getCanvas().setAttribute('aria-label', name)
  document.documentElement.addEventListener('theme', () => recolour(map))
  await map.once('load')
  return map
}
