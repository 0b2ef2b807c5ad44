/** From the words of the command line to what is simulated; a mistake is named. */
import { parseArgs } from 'node:util'

export interface Plan {
  /** Seeds `from` .. `from + seeds - 1`. */
  readonly from: number
  readonly seeds: number
  /** Processes that share the seeds. */
  readonly jobs: number
  /** One seed alone, with its trace. */
  readonly one: number | undefined
}

export class BadOption extends Error {}

const BOUNDS = {
  seeds: { min: 1, max: 10_000_000 },
  from: { min: 0, max: 1_000_000_000 },
  seed: { min: 0, max: 1_000_000_000 },
  jobs: { min: 1, max: 64 },
} as const
type Name = keyof typeof BOUNDS

export const USAGE = `npm run simulate -- [--seeds N] [--from N] [--jobs N]
npm run simulate -- --seed N

  --seeds N   how many seeds (default 500)
  --from N    the first of them (default 0)
  --jobs N    processes that share them (default: one for each core)
  --seed N    one seed alone, with its trace`

/** @param cores of this machine. @throws BadOption */
export function parsePlan(words: readonly string[], cores: number): Plan {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(Object.keys(BOUNDS).map(name => [name, { type: 'string' }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<Name, number>()
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new BadOption(`"${token.value}" came, options alone are allowed`)
    }
    if (token.kind === 'option-terminator') continue
    if (!isName(token.name)) {
      const allowed = Object.keys(BOUNDS).map(name => `--${name}`)
      throw new BadOption(`no option ${token.rawName}; ${allowed.join(', ')} are allowed`)
    }
    if (given.has(token.name)) throw new BadOption(`--${token.name} came twice`)
    given.set(token.name, numberOf(token.name, token.value))
  }
  if (given.has('seed') && given.size > 1) {
    throw new BadOption('--seed is one seed alone, no other option is allowed beside it')
  }
  return {
    from: given.get('from') ?? 0,
    seeds: given.get('seeds') ?? 500,
    jobs: given.get('jobs') ?? Math.max(1, Math.min(BOUNDS.jobs.max, cores)),
    one: given.get('seed'),
  }
}

function isName(name: string): name is Name {
  return Object.hasOwn(BOUNDS, name)
}

function numberOf(name: Name, text: string | undefined): number {
  const { min, max } = BOUNDS[name]
  const value = /^\d{1,12}$/.test(text ?? '') ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new BadOption(
    `--${name}: ${text ?? 'nothing'} came, a whole number from ${min} to ${max} is allowed`,
  )
}
