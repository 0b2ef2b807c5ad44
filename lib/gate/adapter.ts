/** What every adapter does with a request, whatever its server calls it. */
import { randomBytes } from 'node:crypto'
import type { NamesOf } from '../queue/names.ts'
import { answerOf, type GateAnswer, type Through } from './answer/answer.ts'
import { decide } from './decision/decide.ts'
import { type BeaconOptions, createBeacon } from './goodbye/beacon.ts'
import { liveGateConfig } from './options/config.ts'
import { REFUSALS_SECONDS } from './options/limits.ts'
import { GATE_OPTIONS, type GateOptions, refuseUnknown } from './options/options.ts'

export interface AdapterOptions extends GateOptions {
  /** @default Date.now */
  readonly now?: (() => number) | undefined
  /**
   * A new nonce: 128 bits of chance and more, base64url.
   * @default 128 bits of node:crypto
   */
  readonly random?: (() => string) | undefined
  /**
   * Lets browsers say goodbye, so that a seat is free before its session ends. The pages need the
   * script `<prefix>/left.js`. It ends nobody's session: a visitor who comes back later still gets in
   * until it ends, and is then inside uncounted. See docs/departures.md.
   * @default no beacon: a session that nobody reports ends by its time
   */
  readonly beacon?: BeaconOptions | undefined
}

const ADAPTER_OPTIONS: NamesOf<AdapterOptions> = {
  ...GATE_OPTIONS,
  now: true,
  random: true,
  beacon: true,
}

/** A request as any server has it. */
export interface AdapterRequest {
  readonly method: string
  /** As `GateRequest` has it. */
  readonly url: string
  /** The value of a header by its lower-case name, undefined where it did not come. */
  readonly header: (name: string) => string | undefined
}

export type Passage =
  /** The showroom answers, with `throughHeaders` on its answer. */
  | { status: 'through'; through: Through }
  /** The gate answers; the showroom is not reached. */
  | { status: 'answered'; answer: GateAnswer }

/** What the showroom may know of a request that came through. */
export type GateFacts = Pick<Through, 'via' | 'session'>

/**
 * The gate of one showroom. It never throws for a request: where it cannot decide, because the
 * functions of its options fail, it lets nobody through.
 * @throws AntichambreError `bad-request`, at once, naming every option that is wrong.
 */
export function createAdapter(options: AdapterOptions): (request: AdapterRequest) => Passage {
  refuseUnknown(options, ADAPTER_OPTIONS)
  const { now = Date.now, random = () => randomBytes(16).toString('base64url') } = options
  const live = liveGateConfig(options)
  const beacon = options.beacon === undefined ? undefined : createBeacon(options.beacon)
  const pass = (request: AdapterRequest): Passage => {
    const facts = factsForGate(request)
    const [config, nowMs] = [live(), now()]
    const beaconAnswer = beacon?.answer(facts, config, nowMs)
    if (beaconAnswer !== undefined) return { status: 'answered', answer: beaconAnswer }
    const decision = decide(facts, config, nowMs, random())
    if ('session' in decision) beacon?.seen(decision.session.ticketId)
    if (decision.status === 'through') return { status: 'through', through: decision }
    return { status: 'answered', answer: answerOf(decision) }
  }
  return request => {
    try {
      return pass(request)
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown'
      console.error(JSON.stringify({ level: 'error', error: name, at: 'gate' }))
      return { status: 'answered', answer: UNDECIDED }
    }
  }
}

/** The answer of a gate that cannot tell who may come in. */
export const UNDECIDED: GateAnswer = {
  status: 503,
  headers: [
    ['content-type', 'text/plain; charset=utf-8'],
    ['cache-control', 'no-store'],
    ['retry-after', String(REFUSALS_SECONDS)],
  ],
  body: 'The gate of this site is out of order. This is not your fault: please try again in a minute.\n',
}

function factsForGate({ method, url, header }: AdapterRequest) {
  return {
    method,
    url,
    cookie: header('cookie'),
    accept: header('accept'),
    fetchMode: header('sec-fetch-mode') ?? webSocketMode(header('upgrade')),
    referer: header('referer'),
    site: header('sec-fetch-site'),
    origin: header('origin'),
  }
}

/** A WebSocket cannot follow a redirect, so one without fetch metadata is no navigation either. */
function webSocketMode(upgrade: string | undefined): string | undefined {
  return upgrade?.trim().toLowerCase() === 'websocket' ? 'websocket' : undefined
}

const known = new WeakMap<object, GateFacts>()

/**
 * Why this request came through, and its visitor's session. Undefined if no gate let it through.
 * @param request the very object that the gate was given: Node's, Express's or a Fetch request.
 * @example
 * ```ts
 * import type { IncomingMessage } from 'node:http'
 * import { factsOf } from '../lib/gate/node.ts'
 *
 * export function ticketOf(request: IncomingMessage): string | undefined {
 *   return factsOf(request)?.session?.ticketId
 * }
 * ```
 */
export function factsOf(request: object): GateFacts | undefined {
  return known.get(request)
}

export function rememberFacts(request: object, through: Through): void {
  const { via, session } = through
  known.set(request, session === undefined ? { via } : { via, session })
}
