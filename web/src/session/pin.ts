// The PIN keeps a colleague from acting in somebody's name on a device that was left lying open. It is
// no encryption: what is on the device is protected by the device's own lock.
import type { DeviceAccount } from './account'

type Pin = NonNullable<DeviceAccount['pin']>

export const PIN_LENGTH = 4
/** After so many wrong tries the person has to sign in again. */
export const MOST_WRONG_TRIES = 5
const ITERATIONS = 200_000

export const isPin = (text: string): boolean => /^\d{4}$/.test(text)

/** Four times the same digit, or a row up or down: the first that anybody tries. */
export function isEasilyGuessed(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, index) => Number(digit) - Number(pin[index]))
  return steps.every((step) => step === steps[0]) && Math.abs(steps[0] ?? 0) <= 1
}

async function derive(pin: string, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, [
    'deriveBits',
  ])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: salt as BufferSource, iterations },
    key,
    256,
  )
  return new Uint8Array(bits)
}

export async function keepPin(pin: string, salt: Uint8Array): Promise<Pin> {
  return { salt, iterations: ITERATIONS, hash: await derive(pin, salt, ITERATIONS), wrongTries: 0 }
}

export type Tried = { right: true; pin: Pin } | { right: false; pin: Pin; triesLeft: number }

/** What a try comes to; the PIN with its count has to be kept. */
export async function tryPin(kept: Pin, entered: string): Promise<Tried> {
  const hash = await derive(entered, kept.salt, kept.iterations)
  const right = hash.length === kept.hash.length && hash.every((byte, index) => byte === kept.hash[index])
  if (right) return { right, pin: { ...kept, wrongTries: 0 } }
  const pin = { ...kept, wrongTries: kept.wrongTries + 1 }
  return { right, pin, triesLeft: Math.max(0, MOST_WRONG_TRIES - pin.wrongTries) }
}
