import { expect, test } from 'vitest'
import { deskTexts } from '../../language/desk'
import { SCOPE_KINDS } from '../../records/scopeKinds'
import '../clients/scopeTexts'
import './scopeTexts'

test('every right that a role can give, and every way to narrow one, is said in words', () => {
  for (const [language, texts] of Object.entries(deskTexts))
    for (const [kind, options] of SCOPE_KINDS) {
      expect(texts[`console.scope.${kind}`], `${kind} in ${language}`).toBeDefined()
      for (const option of options)
        expect(texts[`console.scopes.${option}`], `${option} in ${language}`).toBeDefined()
    }
})
