export type Theme = 'system' | 'light' | 'dark'

const KEY = 'countersign.theme'

const deviceLikesDark = window.matchMedia('(prefers-color-scheme: dark)')

/** The theme is kept where it can be read before the first paint. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  showTheme()
}

function showTheme(): void {
  const theme = chosenTheme()
  const device = deviceLikesDark.matches ? 'dark' : 'light'
  document.documentElement.dataset.theme = theme === 'system' ? device : theme
}

/** Shows the chosen theme, and goes with the device when it changes. */
export function followTheme(): void {
  showTheme()
  deviceLikesDark.addEventListener('change', showTheme)
}
