/** Somebody who has signed in on this device. */
export interface DeviceAccount {
  userId: string
  username: string
  name: { firstname: string; surname: string }
  /** With title and rank, as their account has it. */
  fullHonorificName?: string
  /** What they were given to work with, such as a tablet's number. */
  device?: string
  role: string
  primaryOfficeId: string
  administrativeAreaId?: string
  signature?: string
  /** As the token had them when it was last seen. */
  scopes: string[]
  /** Absent when signed out. */
  token?: string
  /** When the token came, by this device's clock, which may be wrong. */
  tokenAt?: number
  /** The PIN that unlocks the desk after idling: PBKDF2 of it, never itself. */
  pin?: { salt: Uint8Array; iterations: number; hash: Uint8Array; wrongTries: number }
  lastSeenAt: number
}
