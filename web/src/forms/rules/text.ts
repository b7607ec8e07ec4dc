// The shapes of text that fields ask for.

/** `HH:MM`, on the clock of 24 hours. */
export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

/** An address people have, stricter than the mail standards. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at < 0 || text.includes('..')) return false
  const labels = text.slice(at + 1).split('.')
  const top = labels.pop() ?? ''
  return (
    /^(?!\.)[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]$/.test(text.slice(0, at)) &&
    labels.length > 0 &&
    labels.every((label) => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(label)) &&
    /^[A-Za-z]{2,}$/.test(top)
  )
}

/** The versions and variants that exist, the nil and the max UUID. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(text) ||
  /^0{8}-0{4}-0{4}-0{4}-0{12}$/.test(text) ||
  /^f{8}-f{4}-f{4}-f{4}-f{12}$/.test(text)

/** Whether there is nothing besides space. */
export const isBlank = (text: string): boolean => text.trim() === ''
