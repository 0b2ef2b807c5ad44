import { expect, it } from 'vitest'
import { parsePlan } from '../../lib/rehearsal/plan/options.ts'
import { rehearse } from '../../lib/rehearsal/rehearse.ts'
import { resultsOf } from '../../lib/rehearsal/results/results.ts'

const SEEDS = 200

const run = (options: Record<string, string>) => rehearse(parsePlan(options, undefined))

it(`no law is broken by any of ${SEEDS} sales in which everything fails`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const options = {
      visitors: String(100 + (seed % 5) * 100),
      arrive: `${1 + (seed % 20)}s`,
      wait: '80s',
      faults: 'all',
      bots: '0.005',
      rate: String(600 + 600 * (seed % 5)),
      seed: String(seed),
      ...(seed % 3 === 0 ? { opens: '10s' } : {}),
      ...(seed % 5 === 0 ? { capacity: '40' } : {}),
    }
    const rehearsed = await run(options).catch(error => {
      throw new Error(`seed ${seed}, ${JSON.stringify(options)}: ${String(error)}`)
    })
    const { order } = resultsOf(rehearsed)
    expect(order.cohortOrderKept).toBe(true)
  }
}, 600_000)

it('the same seed gives the same results, and another one gives others', async () => {
  const options = { visitors: '1000', arrive: '3s', wait: '2m', faults: 'all' }
  const texts = []
  for (const seed of ['7', '7', '8']) {
    texts.push(JSON.stringify(resultsOf(await run({ ...options, seed }))))
  }
  expect(texts[0]).toBe(texts[1])
  expect(texts[0]).not.toBe(texts[2])
})
