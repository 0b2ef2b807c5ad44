/** Shares seeds among processes: each takes some, tells what came of them, and takes the next. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Plan } from './options.ts'
import { addOutcome, type Totals } from './report.ts'
import { type Outcome, simulate } from './simulate.ts'

/** Seeds that a process takes at once. */
export const SHARE = 20

/** What crosses between the processes. */
export interface Share {
  readonly from: number
  readonly count: number
}
export type Played = Omit<Outcome, 'scenario' | 'trace' | 'counts'> & {
  readonly counts: readonly (readonly [string, number])[]
}

/** @param heard called after each seed, with the seed where it broke a law. */
export async function share(
  { from, seeds, jobs }: Plan,
  totals: Totals,
  heard: (failed: number | undefined) => Promise<void>,
): Promise<void> {
  if (jobs === 1 || seeds <= SHARE) {
    for (let seed = from; seed < from + seeds; seed++) {
      const outcome = await simulate(seed)
      addOutcome(totals, outcome)
      await heard(outcome.broken === undefined ? undefined : seed)
    }
    return
  }
  let next = from
  const take = (): Share | undefined => {
    const count = Math.min(SHARE, from + seeds - next)
    next += count
    return count > 0 ? { from: next - count, count } : undefined
  }
  const worker = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)))
      child.on('error', reject)
      child.on('exit', code => (code === 0 ? resolve() : reject(new Error('a worker failed'))))
      child.on('message', (played: Played | 'ready') => {
        if (played === 'ready') return hand(child, take())
        addOutcome(totals, { ...played, counts: new Map(played.counts) })
        heard(played.broken === undefined ? undefined : played.seed).catch(reject)
      })
    })
  await Promise.all(Array.from({ length: jobs }, worker))
}

function hand(child: ChildProcess, share: Share | undefined): void {
  if (share === undefined) child.disconnect()
  else child.send(share)
}
