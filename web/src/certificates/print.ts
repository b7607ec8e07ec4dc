// Prints pages at the size they have, and nothing else of the desk.
import type { CertificatePage } from './svg'

const PLACE = 'certificate-print'

/**
 * Puts pages where only a printer sees them, alone on their sheets. They stay until they are taken away: browsers
 * of phones go on before they have printed.
 * @returns takes them away.
 */
export function layOut(pages: readonly CertificatePage[]): { ready: Promise<void>; remove: () => void } {
  const place = document.createElement('div')
  place.id = PLACE
  const style = document.createElement('style')
  const [first] = pages
  const width = `${first?.width ?? 0}pt`
  const height = `${first?.height ?? 0}pt`
  // A hair less than the sheet: rounded up, a page would go on upon another, empty one.
  style.textContent = `@page{size:${width} ${height};margin:0}
    #${PLACE}{display:none}
    @media print{
      html,body{margin:0!important;padding:0!important;min-block-size:0!important;background:#fff!important}
      body>*:not(#${PLACE}){display:none!important}
      #${PLACE}{display:block}
      #${PLACE} img{display:block;inline-size:${width};block-size:calc(${height} - 1px);break-after:page}
      #${PLACE} img:last-child{break-after:auto}
    }`
  const images = pages.map(({ source }) => {
    const image = document.createElement('img')
    image.alt = ''
    image.src = source
    return image
  })
  place.append(...images)
  document.head.append(style)
  document.body.append(place)
  const decoded = Promise.all(images.map((image) => image.decode().catch(() => undefined)))
  return {
    ready: decoded.then(() => undefined),
    remove: () => {
      place.remove()
      style.remove()
    },
  }
}
