/**
 * What a decision of the gate costs: processor time, beside Queue-it's connector in turns and in one
 * process, so that the machine's mood is the same for all; and the size and memory of the edge's file.
 */

import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { buildSync } from 'esbuild'
import { edgeConfig } from '../../lib/gate/edge/edge-options.ts'
import { edgeRequestSource } from '../../lib/gate/edge/function-source.ts'
import { median } from '../shared/machine.ts'
import { edgeSide } from './edge-side.ts'
import type * as SidesFile from './gate-sides.ts'
import { KINDS, type Sides } from './gate-sides.ts'
import { njsMicroseconds } from './njs.ts'
import { type Microseconds, ROOM, type Side, visitorAt } from './side.ts'

const ROUNDS = 15
const CALLS = 4_000
const WARM_UP_CALLS = 30_000
/** So many decisions allocate less than V8 lets come together (a young generation of 16 MB). */
const CALLS_UNCOLLECTED = 500
/** Parts of the showroom that each gate protects: few, an ordinary number, and many. */
const RULES = { few: 1, some: 8, many: 64 }

export interface GateFigures {
  readonly byRules: Readonly<Record<keyof typeof RULES, RulesFigures>>
  /** The edge's file in njs, an engine of the kind that CloudFront's is; absent where there is none. */
  readonly njs?: Microseconds
}

export interface RulesFigures {
  readonly rules: number
  readonly decisions: Readonly<Record<keyof Sides, Microseconds>>
  readonly edgeBytes: number
  /** Bytes that a request with a session allocates at the edge. */
  readonly edgeAllocated: number
}

export async function gateFigures(): Promise<GateFigures> {
  const nowMs = Date.now()
  const { gateSides } = await bundledSides()
  const visitor = visitorAt(nowMs)
  const figures = async (rules: number): Promise<RulesFigures> => {
    const parts = partsOf(rules)
    const source = edgeSource(parts)
    const decisions = await inTurns(await gateSides(source, parts, nowMs))
    const edgeAllocated = await allocatedBytes(edgeSide(source, visitor).session)
    return { rules, decisions, edgeBytes: Buffer.byteLength(source), edgeAllocated }
  }
  const few = await figures(RULES.few)
  const some = await figures(RULES.some)
  const many = await figures(RULES.many)
  const njs = njsMicroseconds(edgeSource(partsOf(RULES.some)), visitor)
  return { byRules: { few, some, many }, ...(njs === undefined ? {} : { njs }) }
}

/** All of them protect something; what is asked for is under the last. */
function partsOf(rules: number): string[] {
  return [...Array.from({ length: rules - 1 }, (_, at) => `/part-${at}`), '/sale']
}

function edgeSource(parts: readonly string[]): string {
  const protect = parts.map(part => `${part}/*`)
  return edgeRequestSource(edgeConfig({ room: ROOM, roomUrl: 'https://wait.example', protect }))
}

async function bundledSides(): Promise<typeof SidesFile> {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('gate-sides.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const code = Buffer.from(outputFiles[0]?.text ?? '').toString('base64')
  return import(`data:text/javascript;base64,${code}`)
}

/** The medians over the rounds; the first round warms up. */
async function inTurns(sides: Sides): Promise<RulesFigures['decisions']> {
  const names = Object.keys(sides) as (keyof Sides)[]
  const all = names.flatMap(name => KINDS.map(kind => ({ name, kind, figures: [] as number[] })))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, kind, figures } of all) {
      const figure = await processorMicroseconds(sides[name][kind])
      if (round > 0) figures.push(figure)
    }
  }
  const of = (name: keyof Sides): Microseconds => {
    const figure = (kind: keyof Side) =>
      median(all.find(one => one.name === name && one.kind === kind)?.figures ?? [])
    return { session: figure('session'), toRoom: figure('toRoom'), enter: figure('enter') }
  }
  return {
    node: of('node'),
    edge: of('edge'),
    hashes: of('hashes'),
    connector: of('connector'),
    connectorAlone: of('connectorAlone'),
  }
}

async function processorMicroseconds(call: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let count = 0; count < CALLS; count++) await call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

/** For one call: the least over the rounds, for anything else that allocates only adds to it. */
async function allocatedBytes(call: () => Promise<void>): Promise<number> {
  for (let count = 0; count < WARM_UP_CALLS; count++) await call()
  setFlagsFromString('--expose-gc')
  const collect = new Script('gc').runInNewContext() as () => void
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < CALLS_UNCOLLECTED; count++) await call()
    const bytes = (process.memoryUsage().heapUsed - before) / CALLS_UNCOLLECTED
    if (bytes > 0) least = Math.min(least, bytes)
  }
  return Math.round(least)
}
