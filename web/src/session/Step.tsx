import { useState } from 'react'
import { Notice } from '../design/Notice'
import { sentenceOf } from '../design/sentence'
import { useText } from '../language/Language'

/**
 * One step that asks Core: busy meanwhile, with a sentence when it failed. `known` may have a better one than Core,
 * or an empty one when there is nothing more to say.
 */
export function useStep(known: (error: unknown) => string | undefined = () => undefined) {
  const t = useText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const run = (work: () => Promise<void>) => {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    work()
      .catch((error: unknown) => setProblem(known(error) ?? sentenceOf(error, t)))
      .finally(() => setBusy(false))
  }
  return { busy, problem, run }
}

/** Leads to the first field that has something wrong, once that is shown. */
export function goToProblem(form: HTMLElement): void {
  requestAnimationFrame(() =>
    form.querySelector<HTMLElement>('input[aria-invalid], [data-invalid] button')?.focus(),
  )
}

/** Why the last try failed; nothing when it did not. */
export function StepProblem({ problem }: { problem: string | undefined }) {
  return problem ? (
    <Notice tone="bad" live>
      {problem}
    </Notice>
  ) : null
}
