import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import { openPersonal } from '../../device/database'
import { type FileKeeping, FileRefused, keepFile, limitsOf } from './keepFile'

const picture = (size: number) => new Blob([new Uint8Array(size)], { type: 'image/jpeg' })
const file = (size: number, name: string, type: string) => new File([new Uint8Array(size)], name, { type })

async function keeping(shrink: FileKeeping['shrink'] = async () => picture(10)) {
  const database = await openPersonal('ann')
  const all: FileKeeping = {
    database: async () => database,
    newId: () => 'f1',
    now: () => 7,
    shrink,
    digest: async () => 'digest',
  }
  return { all, stored: () => database.get('files', 'f1') }
}

const limits = limitsOf({
  maxFileSize: 100,
  acceptedFileTypes: ['image/jpg', 'image/png', 'application/pdf'],
})

describe('a file in an answer', () => {
  test('is kept on the device, a picture made smaller first', async () => {
    const { all, stored } = await keeping()
    const answer = await keepFile(file(5_000, 'card.heic', 'image/heic'), limits, all)
    expect(answer).toEqual({ path: 'device:f1', originalFilename: 'card.jpg', type: 'image/jpeg' })
    expect(await stored()).toMatchObject({ type: 'image/jpeg', digest: 'digest', addedAt: 7 })
  })

  test('stays as it was when that is smaller', async () => {
    const { all } = await keeping(async () => picture(90))
    expect(await keepFile(file(20, 'stamp.png', 'image/png'), limits, all)).toMatchObject({
      originalFilename: 'stamp.png',
      type: 'image/png',
    })
  })

  test('is refused when it is too large, of another kind, or broken', async () => {
    const { all } = await keeping(async () => {
      throw new Error('no picture')
    })
    const why = (given: File) =>
      keepFile(given, limits, all).catch((error) => (error instanceof FileRefused ? error.why : error))
    expect(await why(file(101, 'long.pdf', 'application/pdf'))).toBe('size')
    expect(await why(file(1, 'a.docx', 'application/msword'))).toBe('type')
    expect(await why(file(1, 'a.tiff', 'image/tiff'))).toBe('type')
    expect(await why(file(1, 'a.jpg', 'image/jpeg'))).toBe('unreadable')
  })
})
