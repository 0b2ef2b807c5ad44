/** Plays seeds one after another, up to the first that breaks a law. */
import { addOutcome, createTotals, describeFailure, type Totals } from './report.ts'
import { simulate } from './simulate.ts'

/** What some hundred seeds must have met. */
export const EVERYTHING = [
  ...['refused', 'lost', 'repeated', 'fatal', 'slow', 'stale', 'storm', 'queueAway'],
  ...['tickLost', 'tickDoubled', 'tickLate', 'outage', 'wordDoubled', 'wordLate'],
].map(name => `fault ${name}`)
/** And what people did in spite of it: a room that takes nobody breaks no law. */
export const PEOPLE = ['visitors', 'tickets', 'entered', 'passes', 'held']

/** @throws Error with the last steps of the seed that broke a law. */
export async function playSeeds(from: number, count: number): Promise<Totals> {
  const totals = createTotals()
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed)
    addOutcome(totals, outcome)
    if (outcome.broken !== undefined) throw new Error(describeFailure(await simulate(seed, 30)))
  }
  return totals
}
