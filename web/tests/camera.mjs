// A camera that sees one picture for ever: what Chromium takes instead of a real one.
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import encodeQr from 'qr'

const [WIDTH, HEIGHT] = [640, 480]

/** A file for `--use-file-for-fake-video-capture` in which somebody holds a code before the camera. */
export async function filmOfCode(text) {
  const code = encodeQr(text, 'raw', { border: 4 })
  const size = Math.floor(HEIGHT / code.length)
  const brightness = Buffer.alloc(WIDTH * HEIGHT, 200)
  for (const [row, line] of code.entries())
    for (const [column, isDark] of line.entries())
      for (let y = row * size; y < (row + 1) * size; y += 1)
        brightness.fill(isDark ? 20 : 235, y * WIDTH + column * size, y * WIDTH + (column + 1) * size)
  const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), brightness, colourless])
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)
  const path = join(tmpdir(), `countersign-film-${crypto.randomUUID()}.y4m`)
  await writeFile(path, Buffer.concat([head, ...Array.from({ length: 10 }, () => frame)]))
  return { path, remove: () => rm(path, { force: true }) }
}

/** Chromium's options for it; whoever uses the browser lets the page have the camera. */
export const cameraFlags = (film) => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${film.path}`,
]
