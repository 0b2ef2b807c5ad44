/** Simulated visitors that walk the whole way over HTTP, so that a person finds a real line. */
import { once, setMaxListeners } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { statusPauseMs } from '../page/machine/status-pause.ts'
import { cohortRecordSchema, isAdmitted, keepsCommitment, placeIn } from '../queue/cohort/place.ts'
import type { Phase } from '../queue/room/phase.ts'
import { statusSchema } from '../queue/visitor/room-status.ts'
import { passSchema, ticketSchema } from '../web/contract/schemas.ts'

export interface CrowdOptions {
  readonly showroomUrl: string
  readonly visitors: number
  /** Visitors come within this time, evenly spread. */
  readonly arriveMs: number
  readonly chance: () => number
  readonly signal: AbortSignal
}

export interface CrowdCounts {
  joined: number
  entered: number
  bought: number
  /** Gave up waiting, came too late, or bought nothing. */
  left: number
  /** Answers that the contract does not foresee. */
  failed: number
}

/** One visitor in ten waits 20 s only, and one in ten never asks again. */
const PATIENCE_SECONDS = { short: 20, long: 3_600 }
const SHORT_SHARE = 0.1
const ABSENT_SHARE = 0.1
const BUYERS_SHARE = 0.4
/** A real page may wait two minutes. These ask more often, so that a person who watches sees the line move. */
const POLL_SECONDS_MAX = 20
const ATTEMPTS_PAUSE_MS = 2_000
const REDIRECTS_MAX = 5

/** Runs all visitors and gives the counts, which grow while it runs. */
export function startCrowd(options: CrowdOptions): { counts: CrowdCounts; done: Promise<void> } {
  // Every visitor listens to the one signal.
  setMaxListeners(0, options.signal)
  const counts: CrowdCounts = { joined: 0, entered: 0, bought: 0, left: 0, failed: 0 }
  const visitor = async () => {
    await sleep(options.chance() * options.arriveMs, undefined, { signal: options.signal })
    await walk(options, counts)
  }
  const visitors = Array.from({ length: options.visitors }, () =>
    visitor().catch(error => {
      if (!options.signal.aborted) counts.failed++
      return error
    }),
  )
  return { counts, done: Promise.all(visitors).then(() => undefined) }
}

async function walk(options: CrowdOptions, counts: CrowdCounts): Promise<void> {
  const { chance, signal } = options
  const browser = createBrowser(signal)
  const arrival = await browser.get(options.showroomUrl)
  const sentTo = arrival.location
  if (sentTo === undefined) throw new Error('the gate sent nobody to the room')
  const roomUrl = new URL(sentTo, options.showroomUrl)
  const to = roomUrl.searchParams.get('to') ?? undefined
  const nonce = roomUrl.searchParams.get('nonce') ?? undefined
  const base = `${roomUrl.origin}${roomUrl.pathname}`

  const ticket = await join(browser, base, signal)
  if (ticket === undefined) {
    counts.left++
    return
  }
  counts.joined++
  if (chance() < ABSENT_SHARE) {
    counts.left++
    return
  }
  const patience = chance() < SHORT_SHARE ? PATIENCE_SECONDS.short : PATIENCE_SECONDS.long
  const givesUpAtMs = Date.now() + patience * 1000

  const joinedAtMs = Date.now()
  let place: number | undefined
  let phase: Phase | undefined
  let phaseSinceMs = joinedAtMs
  while (Date.now() < givesUpAtMs) {
    const status = statusSchema.parse((await browser.get(`${base}/status`)).json())
    const statusAtMs = Date.now()
    if (status.phase !== phase) [phase, phaseSinceMs] = [status.phase, statusAtMs]
    if (status.phase === 'ended' || status.phase === 'soldOut') break
    if (place === undefined && status.openCohort > ticket.cohort) {
      const answer = await browser.get(`${base}/cohorts/${ticket.cohort}`)
      const record = cohortRecordSchema.parse(answer.json())
      if (!keepsCommitment(record, ticket.commitment)) throw new Error('a commitment was broken')
      place = placeIn(record, ticket.shard, ticket.index)
    }
    if (place !== undefined && isAdmitted(place, status.front)) {
      const answer = await browser.post(`${base}/passes`, { to, nonce })
      if (answer.status === 200) {
        const { location } = passSchema.parse(answer.json())
        counts.entered++
        await visit(browser, location, options, counts)
        return
      }
      if (answer.status !== 425 && answer.status !== 503) break
    }
    const pauseMs = statusPauseMs({
      status: { ...status, pollSecondsMax: Math.min(POLL_SECONDS_MAX, status.pollSecondsMax) },
      serverMs: status.nowMs,
      phase: status.phase,
      phaseForMs: statusAtMs - phaseSinceMs,
      joinedForMs: statusAtMs - joinedAtMs,
      place: place ?? 0,
      front: status.front,
      pacePerMinute: status.ratePerMinute,
      verdict: null,
      missedForMs: 0,
      isHidden: false,
      chance: chance(),
    })
    if (pauseMs === null) break
    await sleep(pauseMs, undefined, { signal })
  }
  counts.left++
}

async function join(browser: Browser, base: string, signal: AbortSignal) {
  for (let attempt = 1; ; attempt++) {
    const answer = await browser.post(`${base}/tickets`, { attempt })
    if (answer.status === 201 || answer.status === 200) return ticketSchema.parse(answer.json())
    if (answer.status !== 503) return undefined
    await sleep(ATTEMPTS_PAUSE_MS, undefined, { signal })
  }
}

/** In the showroom: through the gate, then up to 20 s later some buy; the others say that they leave. */
async function visit(
  browser: Browser,
  location: string,
  options: CrowdOptions,
  counts: CrowdCounts,
): Promise<void> {
  let address: string | undefined = location
  for (let redirects = 0; address !== undefined && redirects < REDIRECTS_MAX; redirects++) {
    const answer: Answer = await browser.get(address)
    address = answer.location && new URL(answer.location, address).href
  }
  await sleep(options.chance() * 20_000, undefined, { signal: options.signal })
  const post = (path: string) => browser.post(new URL(path, options.showroomUrl).href, {})
  if (options.chance() < BUYERS_SHARE) {
    if ((await post('/buy')).status < 400) counts.bought++
    else counts.left++
    return
  }
  // The showroom's script says goodbye. Without it the seat would be taken until the session ends.
  const { status } = await post('/antichambre/left')
  if (status !== 204) throw new Error(`the gate answered a goodbye with ${status}`)
  counts.left++
}

type Browser = ReturnType<typeof createBrowser>

interface Answer {
  readonly status: number
  readonly location: string | undefined
  json(): unknown
}

/**
 * A client that keeps cookies by host and follows no redirect by itself. It opens a connection for each request: the server
 * may close an idle one just when it is used again. Browsers then ask once more; this client does not.
 */
function createBrowser(signal: AbortSignal) {
  const jars = new Map<string, Map<string, string>>()
  const send = async (method: string, url: string, body: string | undefined): Promise<Answer> => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    const outgoing = request(url, {
      method,
      signal,
      agent: false,
      headers: {
        accept: body === undefined ? 'text/html' : 'application/json',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json', origin }),
      },
    })
    outgoing.end(body)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    const received = await text(answer)
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (/max-age=0/i.test(line)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const { location } = answer.headers
    return { status: answer.statusCode ?? 0, location, json: () => JSON.parse(received) }
  }
  return {
    get: (url: string) => send('GET', url, undefined),
    post: (url: string, body: object) => send('POST', url, JSON.stringify(body)),
  }
}
