// Never shows an old state as now. The fragment that is alive carries its age at the server in data-age, and when it was made in data-made; from there on
// time is counted here, by the clock that advances more (one of them stands still while a device sleeps, and the
// reader's time of day may be wrong, so it is never compared with the server's).
// <html data-live="now | late | lost"> is what style sheets act on; everything else here is words.
const LATE = 20
const LOST = 60
const root = document.documentElement
const heard = { made: '', age: 0, mono: 0, wall: 0 }

const age = () => heard.age + Math.max(performance.now() - heard.mono, Date.now() - heard.wall) / 1000

const unit = (seconds) => seconds < 60 ? [seconds, 'second'] : seconds < 3600 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour']

const amount = (seconds) => {
  const [value, name] = unit(seconds)
  return new Intl.NumberFormat(root.lang, { style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 0 }).format(Math.floor(value))
}

const ago = (seconds) => {
  const [value, name] = unit(seconds)
  return new Intl.RelativeTimeFormat(root.lang).format(-Math.floor(value), name)
}

// Only what was made anew is news: an error changes nothing on the page, and a cache between us repeats itself.
function hear() {
  const { age, made } = document.querySelector('[data-age]').dataset
  if (made !== heard.made) Object.assign(heard, { made, age: Number(age), mono: performance.now(), wall: Date.now() })
  tell()
}

function tell() {
  const seconds = age()
  const state = seconds >= LOST ? 'lost' : seconds >= LATE ? 'late' : 'now'
  const trouble = document.getElementById('trouble')
  for (const place of document.querySelectorAll('[data-ago]')) {
    place.textContent = place.dataset.ago.replace('{ago}', ago(seconds))
  }
  // a screen reader hears it when the state changes, and then once a minute, not every second
  const said = state === 'now' ? '' : trouble.dataset[state].replace('{age}', amount(seconds))
  if (root.dataset.live !== state || (said && seconds % 60 < 1)) trouble.textContent = said
  root.dataset.live = state
}

hear()
document.addEventListener('htmx:after:swap', hear)
document.addEventListener('visibilitychange', tell)
addEventListener('pageshow', tell)
setInterval(tell, 1000)
