// Keeps what somebody is in the middle of for as long as their tab is open.

const PREFIX = 'unfinished '

/** Of a tab's storage, what this needs. */
type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

export class Unfinished {
  /** What is known of this page, also where the tab's storage is full or may not be used. */
  private readonly known = new Map<string, string>()

  constructor(
    private readonly shelf: () => Shelf,
    private readonly path: () => string,
  ) {
    this.begin()
  }

  get<T>(key: string): T | undefined {
    const text = this.known.get(key)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** Keeps a value; `undefined` is nothing to keep. */
  set(key: string, value: unknown): void {
    const text = JSON.stringify(value)
    if (text === undefined) {
      this.delete(key)
      return
    }
    this.known.set(key, text)
    this.tried((shelf) => shelf.setItem(PREFIX + key, JSON.stringify({ path: this.path(), text })))
  }

  delete(key: string): void {
    this.known.delete(key)
    this.tried((shelf) => shelf.removeItem(PREFIX + key))
  }

  clear(): void {
    for (const key of [...this.known.keys()]) this.delete(key)
  }

  /** Takes up what was on the page that is loaded again. What was on another was left, and is forgotten. */
  private begin(): void {
    this.tried((shelf) => {
      const names = Array.from({ length: shelf.length }, (_, at) => shelf.key(at) ?? '')
      for (const name of names) {
        if (!name.startsWith(PREFIX)) continue
        const { path, text } = JSON.parse(shelf.getItem(name) ?? '{}')
        if (path === this.path()) this.known.set(name.slice(PREFIX.length), text)
        else shelf.removeItem(name)
      }
    })
  }

  /** A tab that may keep nothing still has what is in memory. */
  private tried(act: (shelf: Shelf) => void): void {
    try {
      act(this.shelf())
    } catch (error) {
      console.warn('what is unfinished outlives no reload', error)
    }
  }
}
