// What signing in asks of Core.
import { NoAnswer, refusalOf } from '../api/errors'
import type { DeviceAccount } from './account'
import { claimsOf } from './token'

export interface Started {
  nonce: string
  mobile?: string
  email?: string
  status: 'pending' | 'active' | 'deactivated'
  /** Only for an account that is to be set up. */
  token?: string
}

export interface SecurityAnswer {
  questionKey: string
  answer: string
}

/** The questions that OpenCRVS's clients know; a country's texts may word them anew. */
export const QUESTIONS = [
  'BIRTH_TOWN',
  'HIGH_SCHOOL',
  'MOTHER_NAME',
  'FAVORITE_TEACHER',
  'FAVORITE_MOVIE',
  'FAVORITE_SONG',
  'FAVORITE_FOOD',
  'FIRST_CHILD_NAME',
] as const

/** Milliseconds: for what nobody waits for, and what must not take connections from the outbox. */
const BRIEFLY = 30_000

export class SignInCore {
  constructor(
    private readonly send: typeof fetch,
    private readonly now: () => number,
  ) {}

  start = (username: string, password: string) =>
    this.#post<Started>('/auth/authenticate', { username, password })

  verify = async (nonce: string, code: string): Promise<string> =>
    (await this.#post<{ token: string }>('/auth/verifyCode', { nonce, code })).token

  sendCodeAgain = (nonce: string, retrievalFlow: boolean) =>
    this.#post<{ nonce: string }>('/auth/resendAuthenticationCode', { nonce, retrievalFlow })

  renew = async (token: string): Promise<string> =>
    (await this.#post<{ token: string }>('/auth/refreshToken', { token }, undefined, BRIEFLY)).token

  end = async (token: string): Promise<void> => {
    await this.#post('/auth/invalidateToken', { token }, undefined, BRIEFLY)
  }

  findAccount = (contact: string, retrieveFlow: 'username' | 'password') =>
    this.#post<{ nonce: string; securityQuestionKey?: string }>('/auth/verifyUser', {
      ...(contact.includes('@') ? { email: contact } : { mobile: contact }),
      retrieveFlow,
    })

  verifyContact = (nonce: string, code: string) =>
    this.#post<{ nonce: string; securityQuestionKey: string }>('/auth/verifyNumber', { nonce, code })

  answer = (nonce: string, answer: string) =>
    this.#post<{ matched: boolean; nonce: string; securityQuestionKey?: string }>(
      '/auth/verifySecurityAnswer',
      {
        nonce,
        answer,
      },
    )

  setForgottenPassword = (nonce: string, newPassword: string) =>
    this.#post('/auth/changePassword', { nonce, newPassword })

  sendUsername = (nonce: string) => this.#post('/auth/sendUserName', { nonce })

  activate = (token: string, password: string, securityQNAs: SecurityAnswer[]) => {
    const userId = claimsOf(token)?.sub ?? ''
    return this.#post(`/users/${userId}/activate`, { password, securityQNAs }, token)
  }

  changePassword = (token: string, userId: string, existingPassword: string, password: string) =>
    this.#post(`/users/${userId}/password`, { existingPassword, password }, token)

  /** The account that a token belongs to, as the device keeps it. */
  async account(token: string, username: string): Promise<DeviceAccount> {
    const claims = claimsOf(token)
    if (!claims) throw new NoAnswer()
    const user = await this.#answer<{
      id: string
      name: { firstname: string; surname: string }
      role: string
      primaryOfficeId: string
      administrativeAreaId?: string
      signature?: string
      username?: string
      fullHonorificName?: string
      device?: string
    }>(`/users/${claims.sub}`, { headers: { authorization: `Bearer ${token}` } })
    return {
      userId: user.id,
      username: user.username ?? username,
      name: { firstname: user.name.firstname, surname: user.name.surname },
      role: user.role,
      primaryOfficeId: user.primaryOfficeId,
      ...(user.administrativeAreaId ? { administrativeAreaId: user.administrativeAreaId } : {}),
      ...(user.fullHonorificName ? { fullHonorificName: user.fullHonorificName } : {}),
      ...(user.device ? { device: user.device } : {}),
      ...(user.signature ? { signature: user.signature } : {}),
      scopes: claims.scope,
      token,
      lastSeenAt: this.now(),
    }
  }

  #post<Answer = unknown>(path: string, body: unknown, token?: string, within?: number): Promise<Answer> {
    return this.#answer<Answer>(path, {
      ...(within === undefined ? {} : { signal: AbortSignal.timeout(within) }),
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
  }

  async #answer<Answer>(path: string, init: RequestInit): Promise<Answer> {
    let response: Response
    try {
      response = await this.send(path, init)
    } catch (error) {
      throw new NoAnswer(error)
    }
    if (!response.ok) throw await refusalOf(response)
    const text = await response.text()
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Answer
    } catch (error) {
      throw new NoAnswer(error)
    }
  }
}
