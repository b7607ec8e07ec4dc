import encodeQR from 'qr'

/** A QR code as a picture in a data URL: squares only, sharp at any size. */
export function qrPicture(text: string): string {
  const svg = encodeQR(text, 'svg', { ecc: 'medium', border: 2 })
  return `data:image/svg+xml;base64,${btoa(svg)}`
}
