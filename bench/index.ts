/** `npm run bench`: what the room bears on this machine, beside bare Hono in the same run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gateFigures } from './gate/gate.ts'
import { gateText } from './gate/gate-table.ts'
import { report } from './sale/report.ts'
import { runSale } from './sale/sale.ts'
import { machine, machineText } from './shared/machine.ts'
import { startProcesses } from './shared/processes.ts'

const VISITORS = { min: 2_000, max: 1_000_000, default: 20_000 }
const TURNS_MAX = 3_000
const ROUNDS = 5
const CONNECTIONS = 64

const HELP = `npm run bench -- [gate | draw | cold-start] [--visitors N] [--turns N] [--json FILE]

Without a name: a whole sale over HTTP, on this machine alone.
  gate           one decision of each gate, beside Queue-it's connector; the edge's file; the bundles;
                 what the stack costs while nobody waits, and may do
  draw           one place of the draw
  cold-start     each deployed function's bundle: bytes, and time to load

  --visitors N   how many come (${VISITORS.min} to ${VISITORS.max}; ${VISITORS.default})
  --turns N      how many of them take their turn (all at most; ${TURNS_MAX})
  --json FILE    writes the figures too
  --profile DIR  writes the server's processor profile

Ends with 1 when an invariant broke (a duplicate, a loss, a wrong order), with 2 for a wrong option.`

process.exitCode = await main(process.argv.slice(2)).catch(error => {
  console.error(error instanceof Error ? error.message : error)
  return 2
})

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      visitors: { type: 'string' },
      turns: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const [name, ...others] = positionals
  if (others.length > 0) throw new Error(`one name is allowed, ${positionals.join(' ')} came`)
  const keep = (figures: object) => {
    if (values.json === undefined) return
    writeFileSync(
      inFolderOfCaller(values.json),
      `${JSON.stringify({ machine: machine(), ...figures }, null, 2)}\n`,
    )
  }
  switch (name) {
    case 'draw':
      await import('./draw.ts')
      return 0
    case 'gate':
    case 'cold-start': {
      console.log(machineText())
      const gate = name === 'gate' ? await gateFigures() : undefined
      if (gate !== undefined) console.log(`${gateText(gate)}\n`)
      keep({ gate, ...(await onPaper(name)) })
      return 0
    }
    case undefined:
      break
    default:
      throw new Error(`gate, draw or cold-start is allowed, ${name} came`)
  }

  const visitors = wholeNumber('--visitors', values.visitors, VISITORS)
  const turns = wholeNumber('--turns', values.turns, {
    min: ROUNDS,
    max: visitors,
    default: Math.min(TURNS_MAX, visitors),
  })
  console.log(machineText())
  const startedAt = performance.now()
  const gate = await gateFigures()
  const profiler =
    values.profile === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${inFolderOfCaller(values.profile)}`]
  const processes = await startProcesses(profiler)
  try {
    const say = (text: string) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
      process.stderr.write(`${seconds.padStart(4)} s  ${text}\n`)
    }
    const options = { visitors, turns, rounds: ROUNDS, connections: CONNECTIONS, say }
    const sale = await runSale(processes, options)
    const seconds = (performance.now() - startedAt) / 1000
    const { text, rows } = report({ visitors, turns, seconds, sale, gate })
    console.log(text)
    keep({ visitors, turns, seconds, targets: rows, gate, sale })
    return sale.broken.length === 0 ? 0 : 1
  } catch (error) {
    // A join was refused, or the room stands still.
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    await processes.stop()
  }
}

/** The synthesised stack: its bundles; and with the gate, what it costs and may do. */
async function onPaper(name: 'gate' | 'cold-start') {
  // CDK takes a second to load.
  const { synthesiseInto } = await import('./functions/bundles.ts')
  const { coldStarts: measured, coldStartText } = await import('./functions/cold-start.ts')
  const { stackFigures, stackText } = await import('./functions/stack.ts')
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-bench-'))
  try {
    const template = synthesiseInto(folder)
    const coldStarts = await measured(template, folder)
    console.log(coldStartText(coldStarts))
    if (name === 'cold-start') return { coldStarts }
    const stack = stackFigures(template, folder)
    console.log(`\n${stackText(stack)}`)
    return { coldStarts, stack }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `npm run` changes the folder; file names start from where it was called. */
function inFolderOfCaller(file: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), file)
}

function wholeNumber(
  name: string,
  text: string | undefined,
  bounds: { min: number; max: number; default: number },
): number {
  if (text === undefined) return bounds.default
  const { min, max } = bounds
  if (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text)
  throw new Error(`${name}: ${text} came, a whole number from ${min} to ${max} is allowed`)
}
