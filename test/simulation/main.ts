/** `npm run simulate`: many seeds, or one with its trace. Exit code 1 when a law was broken, 2 for bad options. */
import { availableParallelism } from 'node:os'
import { share } from './jobs.ts'
import { BadOption, type Plan, parsePlan, USAGE } from './options.ts'
import { createTotals, describeFailure, describeTotals } from './report.ts'
import { simulate } from './simulate.ts'

/** Failures that are shown with their last steps; the others are counted. */
const SHOWN_MAX = 5
const TRACE_LINES = 30
const PROGRESS_MS = 5_000
/** In so many seeds somebody enters, or the simulation itself is broken. */
const SEEDS_MIN_WITH_ENTRIES = 20

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    console.log(USAGE)
    return 0
  }
  let plan: Plan
  try {
    plan = parsePlan(words, availableParallelism())
  } catch (error) {
    if (!(error instanceof BadOption)) throw error
    console.error(`${error.message}\n\n${USAGE}`)
    return 2
  }
  return plan.one === undefined ? many(plan) : one(plan.one)
}

async function one(seed: number): Promise<number> {
  const outcome = await simulate(seed, Number.POSITIVE_INFINITY)
  console.log(JSON.stringify(outcome.scenario))
  for (const line of outcome.trace) console.log(line)
  console.log(`fingerprint ${outcome.fingerprint}`)
  if (outcome.broken === undefined) {
    console.log(`seed ${seed} broke no law in ${(outcome.atMs / 1000).toFixed(0)} virtual seconds`)
    return 0
  }
  console.log(describeFailure({ ...outcome, trace: outcome.trace.slice(-TRACE_LINES) }))
  return 1
}

async function many(plan: Plan): Promise<number> {
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1000
  const totals = createTotals()
  let [shown, saidMs] = [0, startedMs]
  await share(plan, totals, async seed => {
    if (seed !== undefined && shown++ < SHOWN_MAX) {
      console.log(describeFailure(await simulate(seed, TRACE_LINES)))
    }
    if (performance.now() - saidMs < PROGRESS_MS) return
    saidMs = performance.now()
    console.log(`${totals.seeds} of ${plan.seeds} seeds, ${seconds().toFixed(0)} s`)
  })
  console.log(describeTotals(totals, seconds()))
  if (plan.seeds >= SEEDS_MIN_WITH_ENTRIES && !totals.counts.has('entered')) {
    console.log('but nobody entered: a room that takes nobody breaks no law, and shows nothing')
    return 1
  }
  return totals.broken.size === 0 ? 0 : 1
}
