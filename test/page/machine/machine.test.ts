import { describe, expect, test } from 'vitest'
import type { News } from '../../../lib/page/browser/api.ts'
import { createMemory } from '../../../lib/page/browser/memory.ts'
import type { Facts, RequestName } from '../../../lib/page/machine/facts.ts'
import { RETURN_MS } from '../../../lib/page/machine/limits.ts'
import { joinAttempt, nextStep } from '../../../lib/page/machine/steps.ts'
import { type View, viewOf } from '../../../lib/page/machine/view.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import {
  having,
  inLine,
  later,
  OFFSET_MS,
  placeOf,
  recordOf,
  START_MS,
  start,
  statusAt,
  TICKET,
} from '../walk.ts'

const PLACE = placeOf(recordOf())
const PASS = {
  type: 'pass',
  location: 'https://shop.example/?antichambre=p',
  expiresAtMs: START_MS + 60_000,
} as const

const stateOf = (facts: Facts) => viewOf(facts).state
const told = (change: Partial<Status> = {}): News => ({
  type: 'status',
  status: statusAt(START_MS + 60_000, { openCohort: 1, tail: 40, ...change }),
})
const refused = (request: RequestName, code: string): News => ({ type: 'refused', request, code })
const failed = (request: RequestName): News => ({ type: 'failed', request, retryAfterMs: null })
const turn = () => inLine({ front: PLACE })
/** What the page would ask first if its time had come. */
const wants = (facts: Facts) => nextStep(later(facts, 200_000))?.request

describe('each state', () => {
  test('arriving, until the room has answered and given a ticket', () => {
    expect(stateOf(start())).toBe('arriving')
    expect(stateOf(having(start(), told()))).toBe('arriving')
  })

  test('scheduled, with the time until the opening by the server’s clock', () => {
    const opensAtMs = START_MS + OFFSET_MS + 600_000
    const status = statusAt(START_MS + 1000, { phase: 'scheduled', opensAtMs })
    const view = viewOf(having(start(), { type: 'status', status }))
    expect(view).toMatchObject({ state: 'scheduled', opensAtMs, untilMs: 599_000 })
  })

  test('gathering, with how many are here', () => {
    const view = viewOf(gathered({ waiting: 12_402 }))
    expect(view).toMatchObject({ state: 'gathering', here: 12_402 })
  })

  test('drawing, while the own cohort is open', () => {
    expect(stateOf(gathered({ phase: 'open' }))).toBe('drawing')
  })

  test('drawing, until the record of the closed cohort is here', () => {
    const facts = gathered({ phase: 'open', openCohort: 1, tail: 40 })
    expect(stateOf(facts)).toBe('drawing')
    expect(wants(facts)).toBe('record')
  })

  test('waiting, with place, people ahead, wait and progress', () => {
    const view = viewOf(inLine({ ratePerMinute: 60 }))
    expect(view).toMatchObject({ state: 'waiting', place: PLACE, outlook: null })
    expect(viewOf(inLine({ front: PLACE - 1 }))).toMatchObject({ state: 'waiting', ahead: 0 })
  })

  test('turn, from the very place that the front reaches', () => {
    expect(stateOf(inLine({ front: PLACE - 1 }))).toBe('waiting')
    expect(stateOf(inLine({ front: PLACE }))).toBe('turn')
    expect(stateOf(inLine({ front: PLACE + 1 }))).toBe('turn')
  })

  test('entering, with the address to go to', () => {
    expect(viewOf(having(turn(), PASS))).toMatchObject({
      state: 'entering',
      location: PASS.location,
    })
  })

  test('missed and entered, by the room’s word', () => {
    expect(stateOf(having(turn(), refused('pass', 'turn-missed')))).toBe('missed')
    expect(stateOf(having(turn(), refused('pass', 'already-entered')))).toBe('entered')
  })

  test('failure mode 50: a pause is said, with the operator’s message, and the place is kept', () => {
    const view = viewOf(having(inLine(), told({ phase: 'paused', message: 'Back at 14:30.' })))
    expect(view).toMatchObject({ state: 'paused', place: PLACE, message: 'Back at 14:30.' })
    const refusal = viewOf(having(turn(), refused('pass', 'room-paused')))
    expect(refusal.state).toBe('paused')
  })

  test('failure mode 49: sold out and ended are said at once, also to who never got a ticket', () => {
    expect(stateOf(having(inLine(), told({ phase: 'soldOut' })))).toBe('sold-out')
    expect(stateOf(having(start(), told({ phase: 'soldOut' })))).toBe('sold-out')
    expect(stateOf(having(start(), refused('join', 'sold-out')))).toBe('sold-out')
    expect(stateOf(having(inLine(), told({ phase: 'ended' })))).toBe('ended')
    expect(stateOf(having(start(), refused('join', 'room-ended')))).toBe('ended')
  })

  test('unknown room, until it exists', () => {
    const facts = having(start(), refused('status', 'unknown-room'))
    expect(stateOf(facts)).toBe('unknown-room')
    expect(wants(facts)).toBe('status')
    expect(stateOf(having(facts, told()))).toBe('arriving')
  })
})

describe('joining', () => {
  test('waits for the status, and does without it when it cannot be had', () => {
    expect(wants(start())).toBe('status')
    expect(wants(having(start(), failed('status')))).toBe('join')
  })

  test.each(['gathering', 'open', 'paused'] as const)('is done while the room is %s', phase => {
    expect(wants(having(start(), told({ phase })))).toBe('join')
  })

  test.each(['scheduled', 'soldOut'] as const)('is not done while it is %s', phase => {
    expect(wants(having(start(), told({ phase })))).toBe('status')
  })

  test('goes on when the doors open, though they were closed at the first try', () => {
    const closed = having(start(), failed('status'), refused('join', 'doors-closed'))
    expect(stateOf(closed)).toBe('scheduled')
    const scheduled = having(closed, told({ phase: 'scheduled' }))
    expect(stateOf(scheduled)).toBe('scheduled')
    expect(wants(scheduled)).toBe('status')
    expect(wants(having(scheduled, told({ phase: 'gathering', openCohort: 0 })))).toBe('join')
  })

  test('says how many tries it took', () => {
    const facts = having(start(), told(), failed('join'), failed('join'))
    expect(joinAttempt(start())).toBe(1)
    expect(joinAttempt(facts)).toBe(3)
    expect(viewOf(facts).notice).toBe('busy')
    expect(joinAttempt(having(facts, { type: 'joined', ticket: TICKET }))).toBe(1)
  })

  test('needs cookies, and says so instead of taking one ticket after another', () => {
    const without = having(start({ keepsCookies: false }), told())
    expect(stateOf(without)).toBe('cookies-needed')
    expect(wants(without)).toBe('status')

    let facts = turn()
    for (let lost = 0; lost < 3; lost++) {
      facts = having(facts, refused('pass', 'no-ticket'))
      if (lost < 2)
        facts = having(facts, { type: 'joined', ticket: { ...TICKET, id: `0.1.${lost}` } })
    }
    expect(stateOf(facts)).toBe('cookies-needed')
    expect(wants(facts)).not.toBe('join')
    expect(wants(having(facts, { type: 'pressed' }))).toBe('join')
  })
})

describe('a ticket', () => {
  test.each(['no-ticket', 'bad-ticket'])(
    'that is lost (%s) is replaced, and that is told',
    code => {
      const lost = having(turn(), refused('pass', code))
      expect(wants(lost)).toBe('join')
      const again = having(lost, { type: 'joined', ticket: { ...TICKET, id: '0.1.6', index: 6 } })
      expect(viewOf(again)).toMatchObject({ state: 'drawing', notice: 'new-ticket' })
      expect(wants(again)).toBe('record')
    },
  )

  test('that was not lost after all keeps its line', () => {
    const lost = having(turn(), refused('pass', 'bad-ticket'))
    const again = having(lost, { type: 'joined', ticket: TICKET })
    expect(viewOf(again)).toMatchObject({ state: 'turn', notice: null })
  })

  test('of a sale that ended is exchanged when the room is used again', () => {
    const ended = having(inLine(), told({ phase: 'ended' }))
    expect(wants(ended)).toBeUndefined()
    const anew = having(ended, told({ phase: 'gathering', openCohort: 5, front: 0, tail: 0 }))
    expect(wants(anew)).toBe('join')
    const ticket = { ...TICKET, id: '5.1.5', cohort: 5 }
    expect(stateOf(having(anew, { type: 'joined', ticket }))).toBe('gathering')
  })

  test('is exchanged too when the page slept through the end: the tail is back at the start', () => {
    const anew = having(inLine(), told({ openCohort: 9, front: 2, tail: PLACE - 1 }))
    expect(wants(anew)).toBe('join')
    const same = having(inLine(), told({ openCohort: 9, front: 2, tail: PLACE }))
    expect(stateOf(same)).toBe('waiting')
  })

  test('that the room stands by is doubted ever more seldom', () => {
    let facts = inLine()
    const gaps: number[] = []
    for (let round = 0; round < 13; round++) {
      facts = having(facts, told({ openCohort: 9, front: 0, tail: 1 }))
      gaps.push(facts.tries.join.notBeforeMs - facts.nowMs)
      facts = having(later(facts, 120_000), { type: 'joined', ticket: TICKET })
    }
    expect(facts.tries.join.notBeforeMs - facts.nowMs).toBeGreaterThan(20_000)
    expect(gaps[0]).toBeLessThanOrEqual(0)
  })

  test('of another cohort than the record’s gets no place from it', () => {
    const facts = gathered({ phase: 'open', openCohort: 1, tail: 40 })
    const record = { ...recordOf(), cohort: 1 }
    expect(having(facts, { type: 'record', record }).drawn).toBeNull()
  })

  test('that the record does not hold gets no place, and the page asks again', () => {
    const facts = gathered({ phase: 'open', openCohort: 1, tail: 40 })
    const broken = having(facts, { type: 'record', record: { ...recordOf(), sizes: [40] } })
    expect(broken.drawn).toBeNull()
    expect(wants(broken)).toBe('record')
  })

  test('whose promise the seed does not keep is shown with a warning', () => {
    const facts = gathered({ phase: 'open', openCohort: 1, tail: 40 })
    const seed = Buffer.alloc(32, 9).toString('base64url')
    const view = viewOf(having(facts, { type: 'record', record: { ...recordOf(), seed } }))
    expect(view.proof?.keepsPromise).toBe(false)
    expect(viewOf(inLine()).proof?.keepsPromise).toBe(true)
  })
})

describe('the turn', () => {
  test('is taken by itself, hidden or not', () => {
    expect(nextStep(turn())?.request).toBe('pass')
    const hidden = having(inLine(), { type: 'visibility', isHidden: true }, told({ front: PLACE }))
    expect(nextStep(hidden)?.request).toBe('pass')
  })

  test('is asked for again after "not yet", and nothing is said of it', () => {
    const facts = having(turn(), refused('pass', 'not-yet'))
    expect(viewOf(facts)).toMatchObject({ state: 'turn', notice: null })
    expect(wants(facts)).toBe('pass')
    expect(nextStep(facts)?.request).toBe('status')
  })

  test('failure mode 35: who comes back from the showroom goes in again by hand alone', () => {
    const back = inLine({ front: PLACE }, start({ byHand: true }))
    expect(stateOf(back)).toBe('returned')
    expect(wants(back)).toBe('status')
    expect(nextStep(having(back, { type: 'pressed' }))?.request).toBe('pass')

    const restored = having(turn(), PASS, { type: 'came-back' }, told({ front: PLACE }))
    expect(stateOf(restored)).toBe('returned')
    expect(wants(restored)).toBe('status')
  })

  test('waits by itself after the back button, as long as the visitor had not been in', () => {
    const restored = having(inLine(), { type: 'came-back' }, told({ front: PLACE }))
    expect(nextStep(restored)?.request).toBe('pass')
  })

  test('leads to the entrance when the return address is refused, at a press of the button', () => {
    const facts = having(turn(), refused('pass', 'bad-return-address'))
    expect(stateOf(facts)).toBe('refused-address')
    expect(wants(facts)).toBe('status')
    const pressed = having(facts, { type: 'pressed' })
    expect(pressed.withoutReturn).toBe(true)
    expect(nextStep(pressed)?.request).toBe('pass')
  })

  test('asks nothing more once it has a pass, until the visitor presses or comes back', () => {
    const gone = having(turn(), PASS)
    expect(nextStep(later(gone, 3_600_000))).toBeNull()
    expect(nextStep(having(gone, { type: 'pressed' }))?.request).toBe('pass')
  })
})

describe('trouble', () => {
  test('of one moment is not told, of two is, and is forgotten when it heals', () => {
    const once = having(inLine(), failed('status'))
    const twice = having(once, failed('status'))
    expect([once, twice].map(facts => viewOf(facts).notice)).toEqual([null, 'unreachable'])
    expect(viewOf(twice)).toMatchObject({ state: 'waiting', place: PLACE })
    expect(viewOf(having(twice, told())).notice).toBeNull()
  })

  test('of the visitor’s own network is told as such, and over at once', () => {
    const facts = having(inLine(), { type: 'network', isOffline: true })
    expect(viewOf(facts).notice).toBe('offline')
    const online = having(facts, failed('status'), failed('status'), {
      type: 'network',
      isOffline: false,
    })
    expect(viewOf(online).notice).toBe('unreachable')
    expect((nextStep(online)?.atMs ?? 0) - online.nowMs).toBeLessThanOrEqual(1_000)
  })

  test('an old copy of the status is no news', () => {
    const facts = having(inLine(), told({ front: 10 }))
    const old = statusAt(START_MS + 30_000, { phase: 'gathering', openCohort: 0, front: 0 })
    const known = having(facts, { type: 'status', status: old })
    expect(known.status?.front).toBe(10)
    expect(stateOf(known)).toBe('waiting')
  })

  test('a server clock that was set back is followed', () => {
    const facts = having(inLine(), told())
    const earlier = statusAt(START_MS - 3_600_000, { openCohort: 1, tail: 40, front: 3 })
    const known = having(facts, { type: 'status', status: earlier })
    expect(known.status?.front).toBe(3)
    expect(Math.abs(known.nowMs + known.offsetMs - earlier.nowMs)).toBeLessThan(1_000)
  })
})

describe('a word of warning', () => {
  const outlook = (change: Partial<Status>) => {
    const view: View = viewOf(inLine({ ratePerMinute: 6, ...change }))
    return view.state === 'waiting' ? view.outlook : undefined
  }

  test('comes when fewer are left than people are ahead', () => {
    expect(outlook({ stock: PLACE })).toBeNull()
    expect(outlook({ stock: 1 })).toEqual({ kind: 'stock', left: 1 })
  })

  test('comes when the sale closes before the turn is expected', () => {
    const turnAtMs = START_MS + 3000 + OFFSET_MS + PLACE * 10_000
    expect(outlook({ closesAtMs: turnAtMs + 1 })).toBeNull()
    expect(outlook({ closesAtMs: turnAtMs })).toMatchObject({ kind: 'closing' })
  })
})

describe('the memory of a tab', () => {
  test('knows who comes back from the showroom, by the back button or too soon', () => {
    const store = fakeStorage()
    let nowMs = 1_000_000
    const memory = createMemory('demo', () => nowMs)
    expect(memory.cameBack({ isBackButton: true })).toBe(false)
    memory.walkedIn()
    nowMs += RETURN_MS - 1
    expect(memory.cameBack({ isBackButton: false })).toBe(true)
    nowMs += 1
    expect(memory.cameBack({ isBackButton: true })).toBe(true)
    expect(memory.cameBack({ isBackButton: false })).toBe(false)
    expect(memory.cameBack({ isBackButton: true })).toBe(false)
    store.restore()
  })

  test('forgets that it walked in when the open way turned out to be shut', () => {
    const store = fakeStorage()
    const memory = createMemory('demo', () => 1_000_000)
    memory.walkedIn()
    memory.turnedAway()
    expect(memory.cameBack({ isBackButton: true })).toBe(false)
    store.restore()
  })

  test('keeps an invitation for a reload, for the tab and the line that it came to', () => {
    const store = fakeStorage()
    const members = () => createMemory('demo~members', () => 0)
    expect(members().invitation('a.b.c')).toBe('a.b.c')
    expect(members().invitation(null)).toBe('a.b.c')
    expect(members().invitation('d.e.f')).toBe('d.e.f')
    expect(createMemory('demo', () => 0).invitation(null)).toBeNull()
    store.restore()
  })

  test('does without storage', () => {
    const memory = createMemory('demo', () => 0)
    memory.walkedIn()
    memory.keepLine({ ticketId: '0.0.1', firstAhead: 2, shownAhead: 1 })
    expect(memory.line()).toBeNull()
    expect(memory.cameBack({ isBackButton: true })).toBe(true)
    expect(memory.cameBack({ isBackButton: false })).toBe(false)
    expect(memory.invitation('a.b.c')).toBe('a.b.c')
    expect(memory.invitation(null)).toBeNull()
    memory.turnedAway()
  })
})

describe('the holder of an invitation', () => {
  test('is 32 characters of chance, ever the same in one browser, another one for another line', () => {
    const store = fakeStorage('localStorage')
    const holder = (room: string) => createMemory(room, () => 0).holder()
    const mine = holder('demo~members')
    expect(mine).toMatch(/^[\w-]{32}$/)
    expect(holder('demo~members')).toBe(mine)
    expect(holder('demo~guests')).not.toBe(mine)
    store.restore()
  })

  test('is the same for a page’s life without storage', () => {
    const memory = createMemory('demo~members', () => 0)
    expect(memory.holder()).toMatch(/^[\w-]{32}$/)
    expect(memory.holder()).toBe(memory.holder())
    expect(createMemory('demo~members', () => 0).holder()).not.toBe(memory.holder())
  })

  test('that somebody spoiled is made anew', () => {
    const store = fakeStorage('localStorage')
    localStorage.setItem('antichambre/demo~members/holder', '<script>')
    expect(createMemory('demo~members', () => 0).holder()).toMatch(/^[\w-]{32}$/)
    store.restore()
  })
})

/** A page with a ticket of the open cohort. */
function gathered(change: Partial<Status> = {}): Facts {
  return having(
    start(),
    { type: 'status', status: statusAt(START_MS + 1000, { phase: 'gathering', ...change }) },
    { type: 'joined', ticket: TICKET },
  )
}

function fakeStorage(name: 'sessionStorage' | 'localStorage' = 'sessionStorage'): {
  restore(): void
} {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  }
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { value: storage, configurable: true })
  return {
    restore() {
      if (before === undefined) Reflect.deleteProperty(globalThis, name)
      else Object.defineProperty(globalThis, name, before)
    },
  }
}
