import { expect, test } from 'vitest'
import { deskTexts } from '../../language/desk'
import type { Text } from '../../language/Language'
import { OPERATIONS, operationWords } from './operations'
import './texts'

test('every operation that can be looked for is said in words, in every language', () => {
  for (const [language, texts] of Object.entries(deskTexts)) {
    const t = ((id: string) => texts[id] ?? id) as Text
    for (const operation of OPERATIONS) {
      const words = operationWords(t, operation)
      expect(words, `${operation} in ${language}`).not.toBe(operation)
    }
  }
})
