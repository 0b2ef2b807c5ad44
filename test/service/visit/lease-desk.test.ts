import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IDLE_LEASE_MS } from '../../../lib/queue/limits.ts'
import type { Room } from '../../../lib/queue/room/state.ts'
import {
  createLeaseDesk,
  type Lease,
  type LeaseDeskDeps,
  type LeaseRules,
} from '../../../lib/service/visit/lease-desk.ts'
import { OPENS_MS, openState, room as roomOf } from '../../queue/rooms.ts'

const MAX = 16
const ROOM: Room = roomOf({}, openState(0, {}))
const ASLEEP: Room = roomOf({}, openState(0, { sleepsAtMs: OPENS_MS }))

/** A desk whose database is a counter. */
function createDesk({ rules = {}, deps = {} }: Fakes = {}) {
  let nowMs = OPENS_MS
  let leased = 0
  let leases = 0
  const desk = createLeaseDesk<Lease>(
    {
      now: () => nowMs,
      ticks: { send: async () => {} },
      ...deps,
    },
    {
      async take(_, coming) {
        const count = (await coming).leaseSize(0, MAX)
        leases++
        const next = leased
        leased += count
        return { next, end: leased }
      },
      isGood: () => true,
      renewalsMax: 1_000,
      ...rules,
    },
  )
  return {
    desk,
    leases: () => leases,
    pass: (ms: number) => {
      nowMs += ms
    },
    /** So many come at once; gives what each got. */
    rush: (count: number) =>
      Promise.allSettled(Array.from({ length: count }, () => desk.next(ROOM))),
  }
}

interface Fakes {
  rules?: Partial<LeaseRules<Lease>>
  deps?: Partial<LeaseDeskDeps>
}

type Got = PromiseSettledResult<{ number: number } | undefined>

function numbersOf(got: readonly Got[]): number[] {
  return got.flatMap(one => (one.status === 'fulfilled' && one.value ? [one.value.number] : []))
}

describe('a lease desk', () => {
  test('gives those who come at once the numbers of one lease, in their order', async () => {
    const { rush, leases } = createDesk()
    expect(numbersOf(await rush(MAX))).toEqual(Array.from({ length: MAX }, (_, number) => number))
    expect(leases()).toBe(1)
  })

  test('leases as often as the crowd is larger than a lease, and no more', async () => {
    const { rush, leases } = createDesk()
    const numbers = numbersOf(await rush(3 * MAX + 1))
    expect(numbers).toEqual(Array.from({ length: 3 * MAX + 1 }, (_, number) => number))
    expect(leases()).toBe(4)
  })

  test('leases for those who wait now, not for those who waited before', async () => {
    const { rush, leases } = createDesk()
    await rush(10)
    expect(numbersOf(await rush(1))).toEqual([10])
    expect(numbersOf(await rush(1))).toEqual([11])
    expect(leases()).toBe(3)
  })

  test('tells all who waited of a failed renewal, and nobody later', async () => {
    let failures = 1
    const broken = new Error('the database is away')
    const { rush, leases } = createDesk({
      rules: {
        async take(_, coming) {
          const count = (await coming).leaseSize(0, MAX)
          if (failures-- > 0) throw broken
          return { next: 0, end: count }
        },
      },
    })
    const got = await rush(5)
    expect(got).toEqual(Array.from({ length: 5 }, () => ({ status: 'rejected', reason: broken })))
    expect(numbersOf(await rush(5))).toEqual([0, 1, 2, 3, 4])
    expect(leases()).toBe(0)
  })

  test('tells all who waited that there is nothing, and asks again for those who come later', async () => {
    let isFull = true
    const { rush } = createDesk({
      rules: { take: async () => (isFull ? undefined : { next: 7, end: 9 }) },
    })
    expect(await rush(3)).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'fulfilled', value: undefined })),
    )
    isFull = false
    expect(numbersOf(await rush(2))).toEqual([7, 8])
  })

  test('gives nothing of a lease that is not good any more', async () => {
    let leases = 0
    let goodFrom = 0
    const { rush } = createDesk({
      rules: {
        take: async () => {
          const next = 100 * leases++
          return { next, end: next + 10 }
        },
        isGood: ({ end }) => end > goodFrom,
      },
    })
    expect(numbersOf(await rush(2))).toEqual([0, 1])
    goodFrom = 100
    expect(numbersOf(await rush(2))).toEqual([100, 101])
  })

  test('sends a visitor away after so many leases of which they got nothing', async () => {
    let taken = 0
    const { desk } = createDesk({
      rules: {
        renewalsMax: 3,
        take: async () => {
          taken++
          return { next: 0, end: 0 }
        },
      },
    })
    expect(await desk.next(ROOM)).toBeUndefined()
    expect(taken).toBe(3)
  })
})

describe('what is left of a lease', () => {
  /** A desk with a lease of ten, in a process that can do something later. */
  function createProcess() {
    const plans: (() => void)[] = []
    const back: number[][] = []
    const made = createDesk({
      deps: { later: run => void plans.push(run) },
      rules: {
        take: async () => ({ next: 0, end: 10 }),
        giveBack: async ({ next, end }) => void back.push([next, end]),
      },
    })
    return { ...made, back, plans, runLater: () => plans.splice(0).forEach(run => void run()) }
  }

  test('is given back once nobody has come for a moment, and is given to nobody after that', async () => {
    const { rush, pass, back, plans, runLater } = createProcess()
    await rush(3)
    expect(plans).toHaveLength(1)
    pass(IDLE_LEASE_MS - 1)
    runLater()
    expect(back).toEqual([])
    pass(1)
    runLater()
    expect([back, plans.length]).toEqual([[[3, 10]], 0])
    // The database may lease them again, so this lease begins anew.
    expect(numbersOf(await rush(1))).toEqual([0])
  })

  test('is kept while somebody comes again and again', async () => {
    const { rush, pass, back, runLater } = createProcess()
    for (let visitor = 0; visitor < 9; visitor++) {
      await rush(1)
      pass(IDLE_LEASE_MS - 1)
      runLater()
    }
    expect(back).toEqual([])
  })
})

describe('in any order of what happens', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('come' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 600 }) }),
    fc.constant({ type: 'answer' as const }),
    fc.constant({ type: 'quiet' as const }),
  )
  const outcomes = fc.infiniteStream(
    fc.constantFrom('given', 'given', 'given', 'given', 'nothing', 'failed'),
  )

  test('nobody waits for ever, nothing is given twice, and a renewal is never asked for twice at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { maxLength: 40, size: 'max' }),
        outcomes,
        async (scheduler, steps, stream) => {
          const plans: (() => void)[] = []
          let leased = 0
          let onTheirWay = 0
          const goodUntil = new WeakMap<Lease, number>()
          let nowMs = OPENS_MS
          const broken = new Error('the database is away')
          const desk = createLeaseDesk<Lease>(
            {
              now: () => nowMs,
              ticks: { send: async () => {} },
              later: run => void plans.push(run),
            },
            {
              async take(_, coming) {
                expect(++onTheirWay).toBe(1)
                const count = (await coming).leaseSize(null, MAX)
                expect(count).toBeLessThanOrEqual(MAX)
                await scheduler.schedule(Promise.resolve(), 'lease')
                onTheirWay--
                const outcome = stream.next().value
                if (outcome === 'failed') throw broken
                if (outcome === 'nothing') return undefined
                const lease = { next: leased, end: leased + count }
                leased = lease.end
                goodUntil.set(lease, nowMs + 2_000)
                return lease
              },
              isGood: lease => nowMs < (goodUntil.get(lease) ?? 0),
              renewalsMax: 1_000,
              giveBack: async ({ next, end }) => {
                // As the database does, where nobody leased after it: the next lease gets them.
                if (end === leased) leased = next
              },
            },
          )
          const visitors: Promise<Got[]>[] = []
          for (const one of steps) {
            if (one.type === 'come') {
              for (let n = 0; n < one.count; n++) {
                visitors.push(Promise.allSettled([desk.next(ROOM)]))
              }
            }
            if (one.type === 'pass') nowMs += one.ms
            if (one.type === 'answer') await scheduler.waitIdle()
            if (one.type === 'quiet') {
              nowMs += IDLE_LEASE_MS
              for (const run of plans.splice(0)) run()
            }
            // What was answered is taken before the next step.
            await new Promise(setImmediate)
          }
          const got = (await scheduler.waitFor(Promise.all(visitors))).flat()
          for (const one of got) if (one.status === 'rejected') expect(one.reason).toBe(broken)
          const numbers = numbersOf(got)
          expect(new Set(numbers).size).toBe(numbers.length)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a sleeping room', () => {
  test('is woken once by all who come at the same time, and not again within a second', async () => {
    const sent: number[] = []
    const { desk, pass } = createDesk({
      deps: { ticks: { send: async (_, nowMs) => void sent.push(nowMs) } },
    })
    const wakeAll = () => Promise.all(Array.from({ length: 20 }, () => desk.wake(ASLEEP)))
    await wakeAll()
    expect(sent).toEqual([OPENS_MS])
    pass(999)
    await wakeAll()
    expect(sent).toHaveLength(1)
    pass(1)
    await wakeAll()
    expect(sent).toEqual([OPENS_MS, OPENS_MS + 1_000])
  })

  test('that could not be woken is woken by the next visitor', async () => {
    let failures = 1
    let sent = 0
    const { desk } = createDesk({
      deps: {
        ticks: {
          send: async () => {
            if (failures-- > 0) throw new Error('the queue is away')
            sent++
          },
        },
      },
    })
    const wakeAll = () => Promise.allSettled(Array.from({ length: 5 }, () => desk.wake(ASLEEP)))
    expect((await wakeAll()).map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
    expect((await wakeAll()).map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'))
    expect(sent).toBe(1)
  })

  test('gets no tick while ticks come by themselves', async () => {
    let sent = 0
    const { desk } = createDesk({ deps: { ticks: { send: async () => void sent++ } } })
    await desk.wake(ROOM)
    expect(sent).toBe(0)
  })
})
