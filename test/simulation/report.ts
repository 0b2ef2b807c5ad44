/** What a simulation says when it is over, and when a law was broken. */
import type { Outcome } from './simulate.ts'

/** Sums over many seeds. */
export interface Totals {
  seeds: number
  virtualMs: number
  readonly counts: Map<string, number>
  /** Seeds that broke each law. */
  readonly broken: Map<string, number[]>
}

export function createTotals(): Totals {
  return { seeds: 0, virtualMs: 0, counts: new Map(), broken: new Map() }
}

export function addOutcome(
  totals: Totals,
  { seed, atMs, counts, broken }: Pick<Outcome, 'seed' | 'atMs' | 'counts' | 'broken'>,
): void {
  totals.seeds++
  totals.virtualMs += atMs
  for (const [name, count] of counts) add(totals.counts, name, count)
  if (broken !== undefined) {
    totals.broken.set(broken.law, [...(totals.broken.get(broken.law) ?? []), seed])
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}

/** Trace lines are cut to this: a state is long. */
const LINE_CHARS_MAX = 240

export function describeFailure(outcome: Outcome): string {
  const { seed, broken, atMs, trace } = outcome
  if (broken === undefined) return `seed ${seed} broke no law`
  return [
    `seed ${seed} broke the law ${broken.law} after ${(atMs / 1000).toFixed(3)} s:`,
    `  ${broken.message}`,
    `its last steps (all of them: npm run simulate -- --seed ${seed}):`,
    ...trace.map(line => `  ${line.slice(0, LINE_CHARS_MAX)}`),
  ].join('\n')
}

/** What was played, so that one sees that everything really happened. */
export function describeTotals(totals: Totals, seconds: number): string {
  const { seeds, virtualMs, counts, broken } = totals
  const of = (name: string) => counts.get(name) ?? 0
  const named = (prefix: string) =>
    [...counts]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${name.slice(prefix.length)} ${count}`)
      .join(', ')
  const failures = [...broken].map(
    ([law, failed]) => `  ${law}: ${failed.length} (${failed.slice(0, 10).join(', ')})`,
  )
  const brokenSeeds = [...broken.values()].reduce((sum, failed) => sum + failed.length, 0)
  return [
    `${seeds} seeds in ${seconds.toFixed(0)} s: ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${of('requests')} requests, ${of('writes')} writes, each followed by every law`,
    `people: ${of('visitors')} came, ${of('tickets')} tickets, ${of('entered')} entries, ${of('passes')} passes, ${of('held')} met a full house, ${of('lost passes')} passes lost with their answer`,
    `departures: ${named('departure ')}`,
    `faults: ${named('fault ')}, deaths ${of('deaths')}`,
    `operators: ${named('edit ')}`,
    ...(brokenSeeds === 0
      ? ['no law was broken']
      : [`${brokenSeeds} seeds broke a law`, ...failures]),
  ].join('\n')
}
