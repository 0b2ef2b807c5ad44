/**
 * One decision of each gate as it is deployed, bundled, beside Queue-it's connector, in turns and in
 * one process: the machine's mood is the same for all. `npm run bench -- gates`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { buildSync } from 'esbuild'
import { parseGateConfig } from '../lib/gate/config.ts'
import type { decide as Decide, GateRequest } from '../lib/gate/decision.ts'
import { edgeGateSource } from '../lib/gate/edge/build.ts'
import { edgeConfig } from '../lib/gate/edge/options.ts'
import type { EdgeAnswer, EdgeEvent, EdgeRequest } from '../lib/gate/edge/runtime.ts'
import { signSession } from '../lib/gate/session.ts'
import { passClaims, signPass } from '../lib/queue/pass.ts'
import { median } from './machine.ts'
import { type Rival, rival } from './rival.ts'

const ROUNDS = 15
const CALLS = 2_000
const ROOM = 'demo'
const KINDS = ['session', 'toRoom', 'enter'] as const

/** Microseconds of processor time for each kind of request. */
export type Figures = Readonly<Record<keyof Rival, number>>

export interface GatesFigures {
  readonly decision: Figures
  readonly edge: Figures
  readonly edgeBytes: number
  /** Absent where the package is not installed. */
  readonly connector?: Figures
}

export async function gatesFigures(): Promise<GatesFigures> {
  const nowMs = Date.now()
  const facts = factsOf(nowMs)
  const source = edgeGateSource(edgeConfig({ room: ROOM, roomUrl: 'https://wait.example' }))
  const other = await rival(nowMs)
  const gates: Record<string, Rival> = {
    decision: await decisionGate(facts, nowMs),
    edge: edgeGate(source, facts),
    ...(other === undefined ? {} : { connector: other }),
  }
  const figures = await inTurns(gates)
  const { decision, edge, connector } = figures
  if (decision === undefined || edge === undefined) throw new Error('no figures')
  const edgeBytes = Buffer.byteLength(source)
  return { decision, edge, edgeBytes, ...(connector === undefined ? {} : { connector }) }
}

export function gatesText({ decision, edge, edgeBytes, connector }: GatesFigures): string {
  const row = (name: string, figures: Figures) =>
    name.padEnd(34) + KINDS.map(kind => figures[kind].toFixed(1).padStart(14)).join('')
  const times = (ours: Figures, theirs: Figures) =>
    Object.fromEntries(KINDS.map(kind => [kind, theirs[kind] / ours[kind]])) as unknown as Figures
  return [
    `${'one decision, us of processor'.padEnd(34)}       session   to the room   with a pass`,
    row('in Node', decision),
    row(`at the edge, ${edgeBytes} bytes, in Node`, edge),
    ...(connector === undefined
      ? ['@queue-it/connector-javascript is not installed: nothing to compare with']
      : [
          row('@queue-it/connector-javascript', connector),
          row('  times that in Node', times(decision, connector)),
          row('  times that at the edge', times(edge, connector)),
        ]),
  ].join('\n')
}

type Facts = ReturnType<typeof factsOf>

function factsOf(nowMs: number) {
  const key = { id: 'k1', secret: randomBytes(32) }
  const endsAtMs = nowMs + 900_000
  const nonce = randomBytes(16).toString('base64url')
  const hash = createHash('sha256').update(nonce).digest('base64url')
  const session = signSession({ ticketId: '0.3.41', endsAtMs }, ROOM, nowMs, key)
  const jti = '7c1ad3f2-9a0e-4b52-8f0a-3f6b1d2e4c55'
  const turn = { room: ROOM, ticketId: '0.3.41', jti, nonce: hash, nowMs }
  const pass = signPass(passClaims({ ...turn, sessionEndsAtMs: endsAtMs }), key)
  const cookies = {
    session: [`antichambre-${ROOM}`, session],
    nonce: [`antichambre-${ROOM}.nonce-${nonce.slice(0, 4)}`, nonce],
  } as const
  return { key, nonce, pass, cookies }
}

const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const QUERY = 'colour=red'

async function decisionGate({ key, nonce, pass, cookies }: Facts, nowMs: number): Promise<Rival> {
  const decide = await deployedDecide()
  const config = parseGateConfig({ room: ROOM, roomUrl: 'https://wait.example', keys: [key] })
  const ask = (status: string, cookie: readonly string[], query = QUERY) => {
    const request: GateRequest = {
      method: 'GET',
      url: `https://shop.example/sale/cars?${query}`,
      accept: ACCEPT,
      fetchMode: 'navigate',
      cookie: `theme=dark; consent=1; ${cookie.join('=')}`,
    }
    return async () => {
      const decision = decide(request, config, nowMs, nonce)
      if (decision.status !== status) throw new Error(`the gate decided ${decision.status}`)
    }
  }
  return {
    session: ask('through', cookies.session),
    toRoom: ask('to-room', ['a', 'b']),
    enter: ask('enter', cookies.nonce, `${QUERY}&antichambre=${pass}`),
  }
}

/** Bundled: run from its source, every inner function would be given its name anew at each call. */
async function deployedDecide(): Promise<typeof Decide> {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('../lib/gate/decision.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const code = Buffer.from(outputFiles[0]?.text ?? '').toString('base64')
  const { decide } = await import(`data:text/javascript;base64,${code}`)
  return decide
}

/** In a script of its own, with the runtime's modules from Node. */
function edgeGate(source: string, { key, pass, cookies }: Facts): Rival {
  const stored = { keys: [{ id: key.id, secret: key.secret.toString('base64url') }], mode: 'on' }
  const cf = { kvs: () => ({ get: async () => stored }) }
  const [head = '', ...rest] = source.split(';')
  if (!head.startsWith('import')) throw new Error('the edge gate begins otherwise')
  const code = `(function (cf, require) { 'use strict'; ${rest.join(';')}; return handler })`
  const handler: (event: EdgeEvent) => Promise<EdgeRequest | EdgeAnswer> = new Script(
    code,
  ).runInThisContext()(cf, createRequire(import.meta.url))
  const ask = (isLetIn: boolean, [name, value]: readonly [string, string], query = QUERY) => {
    return async () => {
      const answer = await handler(eventOf(name, value, query))
      const isThrough = !('statusCode' in answer)
      const isIn = isThrough || Object.hasOwn(answer.cookies ?? {}, cookies.session[0])
      if (isIn !== isLetIn) throw new Error('the edge decided otherwise')
    }
  }
  return {
    session: ask(true, cookies.session),
    toRoom: ask(false, ['a', 'b']),
    enter: ask(true, cookies.nonce, `${QUERY}&antichambre=${pass}`),
  }
}

/** Made for each call, as CloudFront does: the function may change it. */
function eventOf(name: string, value: string, query: string): EdgeEvent {
  return {
    context: { eventType: 'viewer-request', requestId: 'EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLE==' },
    viewer: { ip: '198.51.100.11' },
    request: {
      method: 'GET',
      uri: '/sale/cars',
      headers: {
        host: { value: 'shop.example' },
        accept: { value: ACCEPT },
        'sec-fetch-mode': { value: 'navigate' },
      },
      cookies: { theme: { value: 'dark' }, consent: { value: '1' }, [name]: { value } },
      rawQueryString: () => query,
    },
  }
}

/** The median over the rounds; the first round warms up. */
async function inTurns(gates: Readonly<Record<string, Rival>>): Promise<Record<string, Figures>> {
  const taken = new Map<string, number[]>()
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, gate] of Object.entries(gates)) {
      for (const kind of KINDS) {
        const figure = await processorMicroseconds(gate[kind])
        const figures = taken.get(`${name} ${kind}`) ?? []
        taken.set(`${name} ${kind}`, round === 0 ? figures : [...figures, figure])
      }
    }
  }
  const of = (name: string, kind: keyof Rival) => median(taken.get(`${name} ${kind}`) ?? [])
  return Object.fromEntries(
    Object.keys(gates).map(name => [
      name,
      { session: of(name, 'session'), toRoom: of(name, 'toRoom'), enter: of(name, 'enter') },
    ]),
  )
}

async function processorMicroseconds(call: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let count = 0; count < CALLS; count++) await call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}
