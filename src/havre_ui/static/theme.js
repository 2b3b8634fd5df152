// Light or dark: what the reader chose here before, else what the system says. Runs before the page is drawn.
(() => {
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')
  const stored = () => { try { return localStorage.getItem('theme') } catch { return null } }
  const dark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark'
  const tell = () => {
    const button = document.getElementById('theme')
    if (!button) return
    button.hidden = false
    button.querySelector('span').textContent = dark() ? button.dataset.light : button.dataset.dark
    button.title = button.querySelector('span').textContent
  }
  const change = () => { tell(); root.dispatchEvent(new Event('theme')) }
  if (stored()) root.dataset.theme = stored()
  system.addEventListener('change', change)
  addEventListener('DOMContentLoaded', () => {
    tell()
    document.getElementById('theme')?.addEventListener('click', () => {
      root.dataset.theme = dark() ? 'light' : 'dark'
      try { localStorage.setItem('theme', root.dataset.theme) } catch { /* the choice lasts for this page */ }
      change()
    })
  })
})()
