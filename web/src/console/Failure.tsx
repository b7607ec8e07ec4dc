import { NoAnswer } from '../api/errors'
import { Notice } from '../design/Notice'
import { sentenceOf } from '../design/sentence'
import { useText } from '../language/Language'
import { linesOf, problemsIn } from './problems'

/** Why an order was not carried out; `shown` are the fields that tell their own problems. */
export function Failure({ error, shown = [] }: { error: unknown; shown?: readonly string[] }) {
  const t = useText()
  if (!error) return null
  const problems = problemsIn(error)
  const others = problems && {
    ...problems,
    byField: Object.fromEntries(Object.entries(problems.byField).filter(([path]) => !shown.includes(path))),
  }
  // Orders are given now or not at all: the desk keeps none of them to send it later.
  const sentence = error instanceof NoAnswer ? t('console.noAnswer') : sentenceOf(error, t)
  const lines = others ? linesOf(others) : [sentence]
  return (
    <Notice tone="bad" live>
      {lines.length > 0 ? lines.map((line) => <p key={line}>{line}</p>) : t('console.seeFields')}
    </Notice>
  )
}
