/**
 * How long one place of the draw takes. Run with `npx tsx bench/draw.ts`.
 * Cold: the draw is set up for this one place, as a page does. Warm: the draw is there, as in an
 * instance that knows the cohort. Each figure is the median of `RUNS` runs.
 */
import { cpus } from 'node:os'
import { createDraw } from '../lib/queue/cohort/draw.ts'

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7]
const RUNS = 15
const PLACES_PER_RUN = 200

const seed = new Uint8Array(32).map((_, index) => index * 7)

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`)
console.log(`one place, microseconds, median of ${RUNS} runs of ${PLACES_PER_RUN}`)
console.log(`${'size'.padStart(10)} ${'cold'.padStart(8)} ${'warm'.padStart(8)}`)
for (const size of SIZES) {
  const draw = createDraw(seed, size)
  const cold = microseconds(index => createDraw(seed, size).position(index % size))
  const warm = microseconds(index => draw.position(index % size))
  console.log(`${size.toExponential(0).padStart(10)} ${shown(cold)} ${shown(warm)}`)
}

/** The median over the runs of what one call takes on average; one more run before warms up. */
function microseconds(place: (index: number) => number): number {
  const figures: number[] = []
  for (let run = 0; run <= RUNS; run++) {
    const startedAt = performance.now()
    for (let call = 0; call < PLACES_PER_RUN; call++) place((run * PLACES_PER_RUN + call) * 7919)
    figures.push(((performance.now() - startedAt) * 1000) / PLACES_PER_RUN)
  }
  const measured = figures.slice(1).sort((a, b) => a - b)
  return measured[Math.floor(RUNS / 2)] ?? Number.NaN
}

function shown(figure: number): string {
  return figure.toFixed(0).padStart(8)
}
