// Records of the real country's, brought about without a browser, by whoever may.
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { DAYS, picture } from './filling.mjs'
import { ask } from './house.mjs'
import { surname } from './registrar.mjs'

/** A birth in a village's hospital, as the mother tells of it. */
async function birth(house, token, more) {
  const [areas, locations] = await Promise.all([
    ask(house, token, '/administrative-areas'),
    ask(house, token, '/locations'),
  ])
  const area = areas.find(({ name }) => name === 'Klow')
  const hospital = locations.find(({ name }) => name === 'Klow Village Hospital')
  const address = { country: 'FAR', addressType: 'DOMESTIC', administrativeArea: area.id }
  const name = surname('Zimba')
  return {
    'child.name': { firstname: 'Mutinta', surname: name },
    'child.gender': 'female',
    'child.dob': DAYS.lately,
    'child.placeOfBirth': 'HEALTH_FACILITY',
    'child.birthLocation': hospital.id,
    'child.birthLocationId': hospital.id,
    'informant.relation': 'MOTHER',
    'informant.email': 'mother@example.org',
    'mother.name': { firstname: surname('Mutale'), surname: name },
    'mother.dob': DAYS.thirtyYearsAgo,
    'mother.nationality': 'FAR',
    'mother.idType': 'NONE',
    'mother.address': address,
    'father.detailsNotAvailable': true,
    'father.reason': 'Not known',
    // Asked of whoever is not a parent.
    ...(more['informant.name'] ? { 'informant.address': address } : {}),
    ...more,
  }
}

/** A signature that is with Core, as an answer says of it. */
async function signature(house, token) {
  const { name: fileName, mimeType: contentType, buffer } = picture
  const sha256 = createHash('sha256').update(buffer).digest('hex')
  const file = { transactionId: randomUUID(), fileName, contentType, size: buffer.length, sha256 }
  const { id, path } = await ask(house, token, '/attachments/uploads', file)
  const headers = { 'upload-offset': '0', 'content-type': 'application/octet-stream' }
  const sent = await fetch(`${house.url}/attachments/uploads/${id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: buffer,
  })
  assert.ok(sent.ok, await sent.text())
  return { path, originalFilename: fileName, type: contentType }
}

/** A birth that is declared, and registered as well if `register`, with `token`; `more` are answers. */
export async function declared(house, token, more = {}, { register = false } = {}) {
  const declaration = await birth(house, token, more)
  const annotation = { 'review.comment': 'As told', 'review.signature': await signature(house, token) }
  const { id } = await ask(house, token, '/events', { type: 'birth', transactionId: randomUUID() })
  const order = { transactionId: randomUUID(), declaration, annotation, keepAssignment: register }
  // 503: the country has not answered yet.
  await ask(house, token, `/events/${id}/actions/declare`, order, { accept: [503] })
  if (register) {
    const next = { transactionId: randomUUID(), declaration: {}, annotation: {} }
    await ask(house, token, `/events/${id}/actions/register`, next, { accept: [503] })
  }
  return { path: `/desk/records/${id}`, name: declaration['child.name'].surname, declaration }
}
