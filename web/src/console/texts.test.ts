import { expect, test } from 'vitest'
import { deskTexts } from '../language/desk'

test('whatever the console says, it says in every language that we speak', async () => {
  const modules = import.meta.glob('./**/*exts.ts')
  for (const load of Object.values(modules)) await load()
  const ids = (language: string) =>
    Object.keys(deskTexts[language] ?? {})
      .filter((id) => id.startsWith('console.'))
      .sort()
  expect(ids('en').length).toBeGreaterThan(100)
  expect(ids('fr')).toEqual(ids('en'))
})
