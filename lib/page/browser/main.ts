/** The waiting page's script: it gives events to the state machine, shows what it says and asks what it wants. */
import { INVITATION_PARAMETER } from '../../queue/address/query.ts'
import { initialFacts, serverNowMs } from '../machine/facts.ts'
import { afterEvent } from '../machine/machine.ts'
import { joinAttempt, nextStep, type Step } from '../machine/steps.ts'
import { viewOf } from '../machine/view.ts'
import { createFormat } from '../words/format.ts'
import { LOCALE } from '../words/text.ts'
import { textsOf } from '../words/texts.ts'
import { createApi, type Invited, type News } from './api.ts'
import { addressOf, arrivalOf, generalLine } from './arrival.ts'
import { createScreen } from './dom.ts'
import { createMemory } from './memory.ts'

const SECOND_MS = 1000
/** A nonce as gates make it; the room refuses any other. */
const NONCE = /^[\w-]{43}$/

const arrival = arrivalOf(location.href)
const { room, base, to, nonce, isTried, isGroup, elsewhere } = arrival
// Neither is to be in an address that is reloaded or shared: that the open way was tried, and the invitation.
if (arrival.clean !== null) history.replaceState(history.state, '', arrival.clean)

const api = createApi(base)
const memory = createMemory(room, () => Date.now())
if (isTried) memory.turnedAway()
const invitation = isGroup && elsewhere === null ? memory.invitation(arrival.invitation) : null
const screen = createScreen(base, room, plainUrl())
const format = createFormat(LOCALE)

// The page's clock never goes back, and does not follow a device's clock that is set.
const nowMs = () => Math.round(performance.timeOrigin + performance.now())

let facts = initialFacts({
  nowMs: nowMs(),
  isHidden: document.hidden,
  isOffline: !navigator.onLine,
  keepsCookies: navigator.cookieEnabled,
  byHand: memory.cameBack({ isBackButton: isBackButton() }),
  isGroup,
  mayTryOpenWay: !isTried && !isGroup,
  uninvited: arrival.uninvited,
  remembered: memory.line(),
})
let timer: ReturnType<typeof setTimeout> | undefined
let seconds: ReturnType<typeof setInterval> | undefined
let isAsking = false

function happen(news: News): void {
  facts = afterEvent(facts, { ...news, atMs: nowMs(), chance: Math.random() })
  const view = viewOf(facts)
  screen.show(view, textsOf(view, { nowMs: serverNowMs(facts), format }))
  if (news.type !== 'second-passed') keepLine()
  if (news.type === 'pass') leave(news.location)
  plan()
}

function plan(): void {
  clearTimeout(timer)
  const step = isAsking ? null : nextStep(facts)
  if (step !== null) timer = setTimeout(() => take(step), Math.max(0, step.atMs - nowMs()))
}

async function take(step: Step): Promise<void> {
  isAsking = true
  const news = await ask(step)
  isAsking = false
  happen(news)
}

async function ask({ request }: Step): Promise<News> {
  switch (request) {
    case 'open-way':
      memory.walkedIn()
      location.replace(addressOf(`${base}/through`, arrival))
      return { type: 'open-way-taken' }
    case 'status':
      return api.status()
    case 'join':
      return api.join(joinAttempt(facts), invited())
    case 'record':
      return api.record(facts.ticket?.cohort ?? 0)
    case 'pass': {
      const returnTo = to === null || facts.withoutReturn ? undefined : to
      return api.pass(nonce !== null && NONCE.test(nonce) ? nonce : undefined, returnTo)
    }
  }
}

function invited(): Invited | undefined {
  return invitation === null ? undefined : { invitation, holder: memory.holder() }
}

function leave(address: string): void {
  memory.walkedIn()
  location.assign(address)
}

function keepLine(): void {
  const { lineOf, firstAhead, shownAhead } = facts
  if (lineOf === null || firstAhead === null || shownAhead === null) return
  memory.keepLine({ ticketId: lineOf, firstAhead, shownAhead })
}

function isBackButton(): boolean {
  const [entry] = performance.getEntriesByType('navigation')
  return entry instanceof PerformanceNavigationTiming && entry.type === 'back_forward'
}

function plainUrl(): string {
  const carried = invitation === null ? {} : { [INVITATION_PARAMETER]: invitation }
  return addressOf(`${base}/plain`, arrival, carried)
}

function press(): void {
  const { pass, uninvited } = facts
  if (uninvited !== null) location.assign(generalLine(arrival))
  else if (pass !== null && serverNowMs(facts) < pass.expiresAtMs) leave(pass.location)
  else happen({ type: 'pressed' })
}

/**
 * Only while the page is visible. After five minutes hidden, Chrome lets timers that were set by timers ring once a minute, and
 * people would come late to their turn. A hidden page sets its timers when an answer comes, and those are on time
 * (https://developer.chrome.com/blog/timer-throttling-in-chrome-88).
 */
function countSeconds(): void {
  clearInterval(seconds)
  if (document.hidden) return
  seconds = setInterval(() => happen({ type: 'second-passed' }), SECOND_MS)
}

function begin(): void {
  screen.onPress(press)
  document.addEventListener('visibilitychange', () => {
    keepLine()
    countSeconds()
    happen({ type: 'visibility', isHidden: document.hidden })
  })
  addEventListener('pagehide', keepLine)
  addEventListener('pageshow', event => {
    if (event.persisted) happen({ type: 'came-back' })
  })
  addEventListener('online', () => happen({ type: 'network', isOffline: false }))
  addEventListener('offline', () => happen({ type: 'network', isOffline: true }))
  countSeconds()
  happen({ type: 'second-passed' })
}

if (elsewhere === null) begin()
else location.replace(elsewhere)
