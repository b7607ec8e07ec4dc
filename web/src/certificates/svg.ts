// A filled-in certificate as pictures of its pages. A picture runs no script and loads nothing, so all
// that it shows has to be inside of it.

export interface CertificatePage {
  /** A data URL. */
  source: string
  /** In points, of which an inch has 72. */
  width: number
  height: number
}

/** Gives the file at an address as a data URL; undefined when it cannot be had. */
type Fetch = (address: string) => Promise<string | undefined>

const SVG = 'http://www.w3.org/2000/svg'
const XLINK = 'http://www.w3.org/1999/xlink'

/** A4. */
const USUAL = { width: 595, height: 842 }

/** @throws Error when it is no SVG. */
export async function pagesOf(
  svg: string,
  fonts: Record<string, Record<string, string>>,
  fetchFile: Fetch,
): Promise<CertificatePage[]> {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml')
  const root = parsed.documentElement
  if (root.nodeName !== 'svg')
    throw new Error(parsed.querySelector('parsererror')?.textContent ?? 'not an SVG')
  clean(root)
  await embedPictures(root, fetchFile)
  await embedFonts(root, fonts, fetchFile)
  const sections = [...root.querySelectorAll('[data-page]')]
  const size = sizeOf(root, Math.max(1, sections.length))
  if (sections.length === 0) return [picture(root, size)]
  return sections.map((section) => {
    const page = root.cloneNode(true) as Element
    const id = section.getAttribute('data-page')
    for (const other of page.querySelectorAll('[data-page]'))
      if (other.getAttribute('data-page') !== id) other.remove()
      else other.removeAttribute('transform')
    return picture(page, size)
  })
}

/** In points. A length without a unit, or in pixels, is taken for points, as OpenCRVS takes it. */
const UNITS: Record<string, number> = { '': 1, px: 1, pt: 1, pc: 12, in: 72, cm: 72 / 2.54, mm: 72 / 25.4 }

function lengthOf(root: Element, name: 'width' | 'height'): number | undefined {
  const [, number, unit = ''] = /^\s*([\d.]+)\s*([a-z]*)\s*$/.exec(root.getAttribute(name) ?? '') ?? []
  const length = Number(number) * (UNITS[unit] ?? Number.NaN)
  return length > 0 && Number.isFinite(length) ? length : undefined
}

interface Size {
  width: number
  height: number
  /** What of the drawing a page shows. */
  viewBox: string
}

/** Of one page, where so many stand below one another in the drawing. */
function sizeOf(root: Element, pages: number): Size {
  const box =
    root
      .getAttribute('viewBox')
      ?.trim()
      .split(/[\s,]+/)
      .map(Number) ?? []
  const isBox = box.length === 4 && box.every(Number.isFinite)
  const [x = 0, y = 0, boxWidth, boxHeight] = isBox ? box : []
  const width = lengthOf(root, 'width') ?? boxWidth ?? USUAL.width
  const height = lengthOf(root, 'height') ?? boxHeight ?? USUAL.height * pages
  return {
    width,
    height: height / pages,
    viewBox: [x, y, boxWidth ?? width, (boxHeight ?? height) / pages].join(' '),
  }
}

/** A picture runs nothing; what could run goes all the same, should somebody save it and open it. */
function clean(root: Element): void {
  for (const element of root.querySelectorAll('script, foreignObject, iframe, object, embed, animate, set'))
    element.remove()
  for (const element of [root, ...root.querySelectorAll('*')])
    for (const { name, value } of [...element.attributes])
      if (/^on/i.test(name) || (/href$/i.test(name) && /^\s*(javascript|vbscript):/i.test(value)))
        element.removeAttribute(name)
}

async function embedPictures(root: Element, fetchFile: Fetch): Promise<void> {
  await Promise.all(
    [...root.querySelectorAll('image')].map(async (image) => {
      const address = image.getAttribute('href') ?? image.getAttributeNS(XLINK, 'href') ?? ''
      if (address.startsWith('data:') || address.startsWith('#')) return
      const data = address ? await fetchFile(address) : undefined
      image.removeAttributeNS(XLINK, 'href')
      if (data) image.setAttribute('href', data)
      else image.remove()
    }),
  )
}

const WEIGHTS: Record<string, string> = {
  normal: 'font-weight:400;font-style:normal',
  bold: 'font-weight:700;font-style:normal',
  italics: 'font-weight:400;font-style:italic',
  bolditalics: 'font-weight:700;font-style:italic',
}

async function embedFonts(
  root: Element,
  fonts: Record<string, Record<string, string>>,
  fetchFile: Fetch,
): Promise<void> {
  const faces = await Promise.all(
    Object.entries(fonts).flatMap(([family, styles]) =>
      Object.entries(styles).map(async ([style, address]) => {
        const data = await fetchFile(address)
        const name = family.replace(/["\\<>]/g, '')
        return data ? `@font-face{font-family:"${name}";${WEIGHTS[style] ?? ''};src:url("${data}")}` : ''
      }),
    ),
  )
  const style = root.ownerDocument.createElementNS(SVG, 'style')
  style.textContent = faces.join('')
  root.prepend(style)
}

function picture(root: Element, { width, height, viewBox }: Size): CertificatePage {
  root.setAttribute('width', String(width))
  root.setAttribute('height', String(height))
  root.setAttribute('viewBox', viewBox)
  const text = new XMLSerializer().serializeToString(root)
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  return { source, width, height }
}
