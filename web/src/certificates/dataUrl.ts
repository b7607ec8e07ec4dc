/** Bytes as an address that a picture can hold inside of itself. */
export function dataUrl(bytes: ArrayBuffer, type: string): string {
  let text = ''
  const all = new Uint8Array(bytes)
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < all.length; at += 0x8000)
    text += String.fromCharCode(...all.subarray(at, at + 0x8000))
  return `data:${type || 'application/octet-stream'};base64,${btoa(text)}`
}
