// Time and chance of the simulated world. Everything that happens is a timer of it; between two
// timers all that can run has run, so that a seed always gives the same run.

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Timer {
  at: number
  order: number
  run: () => void
}

export class World {
  /** Milliseconds since the beginning. */
  time = 0
  readonly random: () => number
  private timers: Timer[] = []
  private order = 0

  constructor(
    readonly seed: number,
    /** Waits until everything that can run has run. */
    private readonly settle: () => Promise<void> = () => new Promise((done) => setImmediate(done)),
  ) {
    this.random = chance(seed)
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.time + Math.max(0, milliseconds), order: this.order++, run }
    this.push(timer)
    return () => {
      timer.run = () => undefined
    }
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((done) => this.after(milliseconds, done))
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least)
  }

  happens(probability: number): boolean {
    return this.random() < probability
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.random() * values.length)]
  }

  /** Lets time pass until a moment, or until `done` says so. */
  async run(until: number, done: () => boolean = () => false): Promise<void> {
    await this.settle()
    for (;;) {
      const next = this.timers[0]
      if (!next || next.at > until) break
      this.time = Math.max(this.time, next.at)
      while (this.timers[0] && this.timers[0].at <= this.time) this.pop()?.run()
      await this.settle()
      if (done()) return
    }
    this.time = Math.max(this.time, until)
  }

  private push(timer: Timer): void {
    const heap = this.timers
    let index = heap.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(timer, heap[parent] as Timer)) break
      heap[index] = heap[parent] as Timer
      index = parent
    }
    heap[index] = timer
  }

  private pop(): Timer | undefined {
    const heap = this.timers
    const first = heap[0]
    const last = heap.pop()
    if (!last || heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child++
      if (!before(heap[child] as Timer, last)) break
      heap[index] = heap[child] as Timer
      index = child
    }
    heap[index] = last
    return first
  }
}

const before = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)
