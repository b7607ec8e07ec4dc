/** The number that is written, with a point or a comma; what is none stays text. */
export function numberFrom(text: string): number | string | undefined {
  const written = text.trim().replace(',', '.')
  if (written === '') return undefined
  return /^-?\d+\.?\d*$/.test(written) ? Number(written) : written
}
