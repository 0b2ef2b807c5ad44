/** A process of its own for a share of the seeds; see jobs.ts. */
import type { Played, Share } from './jobs.ts'
import { simulate } from './simulate.ts'

const say = (played: Played | 'ready') => process.send?.(played)

process.on('message', async ({ from, count }: Share) => {
  for (let seed = from; seed < from + count; seed++) {
    const { scenario: _, trace: __, counts, ...outcome } = await simulate(seed)
    say({ ...outcome, counts: [...counts] })
  }
  say('ready')
})
say('ready')
