// Core as a process of its own, as it runs in production.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const binary = process.env.COUNTERSIGN_BINARY
if (!binary) throw new Error('COUNTERSIGN_BINARY must name the countersign binary')

export class Core {
  #log = ''

  /** Starts Core on a new store and brings in the country's places and users. */
  static async start(countryUrl) {
    const core = new Core()
    core.data = await mkdtemp(join(tmpdir(), 'countersign-trpc-'))
    core.process = spawn(
      binary,
      [
        ['--log', 'json', 'core', '--listen', '127.0.0.1:0', '--data', core.data],
        ['--country-url', countryUrl, '--backoff-first', '50ms', '--user-wait', '10s'],
      ].flat(),
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    core.process.stderr.setEncoding('utf8').on('data', (text) => (core.#log += text))
    try {
      core.url = await core.#listening()
      await core.#until(() => fetch(`${core.url}/health/ready`).then((answer) => answer.ok))
      const where = ['--core', core.url, '--country-url', countryUrl, '--data', core.data]
      await core.#run(['seed', '--activate-users', ...where])
    } catch (error) {
      await core.stop()
      throw new Error(`${error.message}\n${core.#log}`, { cause: error })
    }
    return core
  }

  /** Asks Core to stop, as an operator would; the exit status. */
  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve))
      this.process.kill('SIGTERM')
      await ended
    }
    await rm(this.data, { recursive: true, force: true })
    return this.process.exitCode
  }

  async #listening() {
    const address = /"Core is listening".*?(127\.0\.0\.1:\d+)|(127\.0\.0\.1:\d+).*?"Core is listening"/
    await this.#until(async () => address.test(this.#log))
    const [, after, before] = this.#log.match(address)
    return `http://${after ?? before}`
  }

  async #until(holds, patience = 30_000) {
    const deadline = Date.now() + patience
    while (!(await holds().catch(() => false))) {
      if (this.process.exitCode !== null) throw new Error('Core ended')
      if (Date.now() > deadline) throw new Error('Core is not ready')
      await sleep(25)
    }
  }

  async #run(args) {
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (text) => (words += text))
    const status = await new Promise((resolve) => child.once('exit', resolve))
    if (status !== 0) throw new Error(`countersign ${args[0]} ended with ${status}: ${words}`)
  }
}
