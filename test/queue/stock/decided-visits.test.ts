import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_HOUSE, type House, insideOf } from '../../../lib/queue/house/house.ts'
import { seatSlot, seatSlotSeconds } from '../../../lib/queue/house/slots.ts'
import { CLOCK_SKEW_SECONDS, SESSION_SECONDS, TOLD_VISITS_MIN } from '../../../lib/queue/limits.ts'
import { decidedVisits } from '../../../lib/queue/stock/decided-visits.ts'
import { createChance } from '../../../lib/rehearsal/time/chance.ts'
import { OPENS_MS } from '../rooms.ts'

const SESSION: number = SESSION_SECONDS.default

interface Visit {
  readonly enteredSeconds: number
  readonly staySeconds: number
  /** Is anything told of its end? */
  readonly told: 'bought' | 'left' | undefined
}

/** What a room knows of these visits so many seconds after the opening. */
function houseAt(seconds: number, visits: readonly Visit[]): House {
  const house = { ...EMPTY_HOUSE, seats: new Map<number, number>() }
  for (const { enteredSeconds, staySeconds, told } of visits) {
    if (enteredSeconds > seconds) continue
    house.entered++
    const slot = seatSlot(OPENS_MS + (enteredSeconds + SESSION) * 1000, SESSION)
    const endsSeconds = enteredSeconds + staySeconds
    if (told !== undefined && endsSeconds <= seconds) {
      house.gone++
      house[told]++
      house.unspentSeconds += Math.max(0, slot - Math.floor(OPENS_MS / 1000 + endsSeconds))
    } else if (OPENS_MS / 1000 + seconds >= slot + CLOCK_SKEW_SECONDS) {
      house.gone++
      house.over++
    } else house.seats.set(slot, (house.seats.get(slot) ?? 0) + 1)
  }
  return house
}

const decidedAt = (seconds: number, house: House, session = SESSION) =>
  decidedVisits({ stock: 97, sessionSeconds: session }, house, OPENS_MS + seconds * 1000)

/** One a second; of every ten so many buy, and of so many others it is told that they left. */
function crowd(
  seed: number,
  { count = 1_200, buy = 4, leave = 0, stay = [4, 40] as [number, number] } = {},
): Visit[] {
  const chance = createChance(seed, 'visits')
  return Array.from({ length: count }, (_, enteredSeconds) => {
    const kind = chance() * 10
    const told = kind < buy ? 'bought' : kind < buy + leave ? 'left' : undefined
    const staySeconds = stay[0] + chance() * (stay[1] - stay[0])
    return { enteredSeconds, staySeconds, told }
  })
}

const seeds = fc.integer({ min: 1, max: 1_000_000 })

describe('visits that count as decided', () => {
  it('are none before five departures were told', () => {
    const visits = (told: number): Visit[] =>
      Array.from({ length: 100 }, (_, at) => ({
        enteredSeconds: 0,
        staySeconds: 5,
        told: at < told ? 'bought' : undefined,
      }))
    const decided = (told: number) => decidedAt(600, houseAt(600, visits(told)))
    expect(decided(TOLD_VISITS_MIN - 1)).toEqual({ inside: 0, all: 0 })
    expect(decided(TOLD_VISITS_MIN).inside).toBe(95)
  })

  it('are those inside for long, where purchases alone are told, so that the share of buyers is found', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(2, 4, 7), (seed, buy) => {
        const visits = crowd(seed, { buy })
        for (const seconds of [300, 600, 1_199]) {
          const house = houseAt(seconds, visits)
          const { inside, all } = decidedAt(seconds, house)
          const share = house.bought / (house.bought + all)
          expect(share).toBeGreaterThan(buy / 10 - 0.1)
          expect(share).toBeLessThan(buy / 10 + 0.15)
          // those who came in the last minute may buy yet, or hardly anybody else
          const hopeful = insideOf(house) - inside
          expect(hopeful).toBeGreaterThan(10)
          expect(hopeful).toBeLessThan(90)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('begin at exactly twice the mean of those whose end was told', () => {
    // five buyers of 20 s each, and one who stays
    const buyers = Array.from({ length: 5 }, (): Visit => {
      return { enteredSeconds: 0, staySeconds: 20, told: 'bought' }
    })
    const visits = [...buyers, { enteredSeconds: 0, staySeconds: 900, told: undefined }]
    const house = houseAt(30, visits)
    const slot = [...house.seats.keys()][0] ?? 0
    // ages are reckoned from the middle of a slot
    const bornMs = (slot - SESSION - seatSlotSeconds(SESSION) / 2) * 1000 - OPENS_MS
    const meanSeconds = SESSION + seatSlotSeconds(SESSION) / 2 - house.unspentSeconds / 5
    const atMs = bornMs + 2 * meanSeconds * 1000
    const inside = (ms: number) => decidedAt(ms / 1000, house).inside
    expect([inside(atMs - 1), inside(atMs), inside(atMs + 1)]).toEqual([0, 1, 1])
  })

  it('are few where every end is told, however long visits take', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom<[number, number]>([4, 40], [30, 120], [60, 600]),
        (seed, stay) => {
          const visits = crowd(seed, { buy: 4, leave: 6, stay })
          for (const seconds of [120, 600, 1_199]) {
            const house = houseAt(seconds, visits)
            const { all } = decidedAt(seconds, house)
            expect(all).toBeLessThanOrEqual(0.1 * house.entered)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('are the sessions that are over too', () => {
    const visits = crowd(7, { count: 60 })
    const seconds = 60 + SESSION + 60
    const house = houseAt(seconds, visits)
    const { inside, all } = decidedAt(seconds, house)
    expect([house.over, inside]).toEqual([60 - house.bought, 0])
    expect(all).toBe(house.over)
  })

  it('are whole, never fewer than none and never more than there are, whatever a house says', () => {
    const count = fc.nat(100_000)
    const anyHouse = fc.record({
      bought: count,
      left: count,
      over: count,
      unspentSeconds: fc.oneof(count, fc.nat(1e12)),
      seats: fc
        .array(
          fc.tuple(fc.integer({ min: -90_000, max: 90_000 }), fc.integer({ min: -2, max: 9_999 })),
        )
        .map(slots => new Map(slots.map(([at, people]) => [OPENS_MS / 1000 + at, people]))),
    })
    const sessions = fc.integer({ min: SESSION_SECONDS.min, max: SESSION_SECONDS.max })
    fc.assert(
      fc.property(anyHouse, sessions, (some, session) => {
        const { inside, all } = decidedAt(0, { ...EMPTY_HOUSE, ...some }, session)
        const people = [...some.seats.values()].reduce((sum, one) => sum + Math.max(0, one), 0)
        expect(Number.isSafeInteger(inside) && Number.isSafeInteger(all)).toBe(true)
        expect(inside).toBeGreaterThanOrEqual(0)
        expect(inside).toBeLessThanOrEqual(people)
        expect(all).toBeGreaterThanOrEqual(inside)
        expect(all).toBeLessThanOrEqual(people + some.over)
      }),
    )
  })
})
