// Keeps what somebody fills in at every change, one write at a time, always the newest.
import type { PersonalDatabase } from '../../device/database'
import type { LocalDraft } from '../draft'

/** The part of the device's database that drafts need. */
type DraftDatabase = Pick<PersonalDatabase, 'get' | 'put' | 'delete' | 'getAll'>

export class DraftKeeper {
  #next: LocalDraft | undefined
  #writing: Promise<void> | undefined
  #stopped = false

  constructor(
    private readonly database: () => Promise<DraftDatabase>,
    /** Told why the device could not keep something, and `undefined` once it could again. */
    private readonly onProblem: (problem: unknown) => void,
  ) {}

  /** Keeps this in place of what was kept before. */
  keep(draft: LocalDraft): void {
    if (this.#stopped) return
    this.#next = draft
    this.#writing ??= this.#write()
  }

  /** Resolves when all that was handed in is on the device, or the device has refused it. */
  async flush(): Promise<void> {
    await this.#writing
  }

  /** Keeps nothing more: the draft is somebody else's now, or is to be forgotten. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.flush()
  }

  /** Keeps again, after a `stop` that came to nothing. */
  resume(): void {
    this.#stopped = false
  }

  async #write(): Promise<void> {
    while (this.#next) {
      const draft = this.#next
      this.#next = undefined
      try {
        await (await this.database()).put('drafts', draft)
        this.onProblem(undefined)
      } catch (problem) {
        this.onProblem(problem)
      }
    }
    this.#writing = undefined
  }
}

/** The one draft that a person has of an action on a record. */
export const draftId = (recordId: string, action: string): string => `${recordId}/${action}`
