// Small charts with a band of likely values, in the colours of the style sheet and the reader's time zone format.
// <div data-chart='{"label": …, "zone": …, "unit": …, "times": [s], "middle": [], "low": [], "high": []}'><div hx-morph-skip></div></div>
import uPlot from './vendor/uplot.js'

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
const drawn = new WeakMap()

function options({ zone, floor }, width, height) {
  const axis = { stroke: colour('ink-soft'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' }
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23', timeZone: zone })
  const edge = { stroke: 'transparent', points: { show: false } }
  return {
    width, height, legend: { show: false }, cursor: { show: false }, padding: [8, 8, 0, 0],
    scales: { x: { time: true }, y: { range: (_, low, high) => [floor ?? Math.floor(low), Math.ceil(high) + 1] } },
    axes: [{ ...axis, space: 70, size: 28, values: (_, ticks) => ticks.map((tick) => clock.format(tick * 1000)) }, { ...axis, size: 34 }],
    series: [{}, edge, edge, { stroke: colour('sea'), width: 2.5, points: { show: false } }],
    bands: [{ series: [2, 1], fill: colour('band') }],
  }
}

function draw(place) {
  const data = JSON.parse(place.dataset.chart)
  const box = place.firstElementChild
  const columns = [data.times, data.low, data.high, data.middle]
  const before = drawn.get(box)
  if (before?.width === box.clientWidth && before.theme === colour('sea')) return before.plot.setData(columns)
  before?.plot.destroy()
  const plot = new uPlot(options(data, box.clientWidth, box.clientHeight), columns, box)
  drawn.set(box, { plot, width: box.clientWidth, theme: colour('sea') })
}

const all = () => { for (const place of document.querySelectorAll('[data-chart]')) if (place.firstElementChild.clientWidth) draw(place) }
all()
document.addEventListener('htmx:after:swap', all)
document.documentElement.addEventListener('theme', all)
addEventListener('resize', all)
