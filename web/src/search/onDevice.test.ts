import { expect, test } from 'vitest'
import type { EventState } from '../records/eventState'
import { fits } from './onDevice'

const record = {
  trackingId: 'W113T7',
  legalStatuses: { REGISTERED: { registrationNumber: 'B2026-ORM-000003-1' } },
  declaration: { 'child.name': { firstname: 'Élodie', surname: 'Ostrell' }, 'informant.phone': '0612345678' },
} as unknown as EventState

test('without a network, records on the device are found by their ids and by beginnings of words', () => {
  for (const words of ['w113t7', 'b2026-orm', 'elo ostr', '0612'])
    expect(fits(record, words), words).toBe(true)
  for (const words of ['', 'strell', 'Élodie Dupont']) expect(fits(record, words), words).toBe(false)
})
