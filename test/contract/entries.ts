import { expect, test } from 'vitest'
import type { Contestant } from './harness.ts'
import { atOnce, BUCKET_MS, freshRoom, NOW_MS, sampleClaim } from './samples.ts'

const TICKET = '0.3.41'

export function entryContract(current: () => Contestant): void {
  const bucketsOf = (room: string) => current().store.entryBuckets(room, 0)

  test('a ticket enters once, and is counted by the time of its entry and of its turn', async () => {
    const { store } = current()
    const room = freshRoom()
    const claim = sampleClaim()
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    expect(await store.claim(room, TICKET, claim)).toEqual({ status: 'entered', claim })
    expect(await store.loadClaim(room, TICKET)).toEqual(claim)
    expect(await bucketsOf(room)).toEqual([
      {
        startsAtMs: NOW_MS,
        entered: 1,
        left: 0,
        bought: 0,
        byTurn: new Map([[NOW_MS - BUCKET_MS, 1]]),
      },
    ])
  })

  test('a claim without a nonce comes back without one', async () => {
    const { store } = current()
    const room = freshRoom()
    const claim = sampleClaim({ nonce: undefined })
    await store.claim(room, TICKET, claim)
    expect(await store.loadClaim(room, TICKET)).toEqual(claim)
  })

  test('failure mode 20: a later claim by another clock gets the one that counted', async () => {
    const { store } = current()
    const room = freshRoom()
    const claim = sampleClaim()
    await store.claim(room, TICKET, claim)
    for (const shiftMs of [-60_000, 60_000]) {
      const later = sampleClaim({ enteredAtMs: NOW_MS + shiftMs, passId: 'pass-2', nonce: 'other' })
      expect(await store.claim(room, TICKET, later)).toEqual({ status: 'already-entered', claim })
    }
    expect(await bucketsOf(room)).toHaveLength(1)
  })

  test('failure mode 4: claims of one ticket at once count once, and all get that claim', async () => {
    const { store, again } = current()
    const other = again()
    const room = freshRoom()
    const outcomes = await atOnce(20, number =>
      (number % 2 === 0 ? store : other).claim(
        room,
        TICKET,
        sampleClaim({ passId: `pass-${number}` }),
      ),
    )
    expect(outcomes.filter(outcome => outcome.status === 'entered')).toHaveLength(1)
    expect(new Set(outcomes.map(outcome => outcome.claim.passId)).size).toBe(1)
    expect(await bucketsOf(room)).toMatchObject([{ entered: 1 }])
  })

  test('the very same claim again is not counted again', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.claim(room, TICKET, sampleClaim())
    const outcome = await store.claim(room, TICKET, sampleClaim())
    expect(outcome.status).toBe('already-entered')
    expect(await bucketsOf(room)).toMatchObject([{ entered: 1 }])
  })

  test('an entry is two writes', async () => {
    const { store, writes } = current()
    const before = writes()
    await store.claim(freshRoom(), TICKET, sampleClaim())
    expect(writes() - before).toBe(2)
  })

  test('tickets that enter at once are all counted', async () => {
    const { store } = current()
    const room = freshRoom()
    const turns = [NOW_MS - 2 * BUCKET_MS, NOW_MS - BUCKET_MS, NOW_MS]
    await atOnce(30, number =>
      store.claim(room, `0.0.${number}`, sampleClaim({ turnAtMs: turns[number % 3] ?? NOW_MS })),
    )
    const [bucket] = await bucketsOf(room)
    expect(bucket).toMatchObject({ entered: 30, left: 0 })
    expect(bucket?.byTurn).toEqual(new Map(turns.map(turnAtMs => [turnAtMs, 10])))
  })

  test('rooms count by themselves', async () => {
    const { store } = current()
    const [one, two] = [freshRoom(), freshRoom()]
    await store.claim(one, TICKET, sampleClaim())
    expect((await store.claim(two, TICKET, sampleClaim())).status).toBe('entered')
    expect(await bucketsOf(one)).toMatchObject([{ entered: 1 }])
  })

  test('failure mode 9: buckets are all read, however many pages they fill, oldest first', async () => {
    const { store } = current()
    const room = freshRoom()
    await atOnce(10, number =>
      store.claim(room, `0.0.${number}`, sampleClaim({ enteredAtMs: NOW_MS - number * BUCKET_MS })),
    )
    const starts = (await bucketsOf(room)).map(bucket => bucket.startsAtMs)
    expect(starts).toEqual(Array.from({ length: 10 }, (_, at) => NOW_MS - (9 - at) * BUCKET_MS))
  })

  test('a bucket is read from any time in it on, and not from its end on', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.claim(room, TICKET, sampleClaim({ enteredAtMs: NOW_MS + BUCKET_MS - 1 }))
    const found = async (fromMs: number) => (await store.entryBuckets(room, fromMs)).length
    expect(await found(NOW_MS - 1)).toBe(1)
    expect(await found(NOW_MS)).toBe(1)
    expect(await found(NOW_MS + BUCKET_MS - 1)).toBe(1)
    expect(await found(NOW_MS + BUCKET_MS)).toBe(0)
  })

  test('failure mode 16: a departure is taken from the bucket of its own entry', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.claim(room, '0.0.1', sampleClaim({ enteredAtMs: NOW_MS - BUCKET_MS }))
    await store.claim(room, '0.0.2', sampleClaim())
    expect(await store.depart(room, '0.0.1', 'left', NOW_MS + 1)).toBe('counted')
    expect(await bucketsOf(room)).toMatchObject([
      { startsAtMs: NOW_MS - BUCKET_MS, entered: 1, left: 1, bought: 0 },
      { startsAtMs: NOW_MS, entered: 1, left: 0, bought: 0 },
    ])
  })

  test('failure mode 2: a departure that comes twice, with whatever reason, counts once', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.claim(room, TICKET, sampleClaim())
    expect(await store.depart(room, TICKET, 'bought', NOW_MS)).toBe('counted')
    expect(await store.depart(room, TICKET, 'bought', NOW_MS)).toBe('repeated')
    expect(await store.depart(room, TICKET, 'left', NOW_MS + 1)).toBe('repeated')
    expect(await bucketsOf(room)).toMatchObject([{ entered: 1, left: 1, bought: 1 }])
  })

  test('failure mode 15: departures delivered many times at once count once', async () => {
    const { store, again } = current()
    const other = again()
    const room = freshRoom()
    await store.claim(room, TICKET, sampleClaim())
    const outcomes = await atOnce(20, number =>
      (number % 2 === 0 ? store : other).depart(room, TICKET, 'bought', NOW_MS),
    )
    expect(outcomes.filter(outcome => outcome === 'counted')).toHaveLength(1)
    expect(outcomes.filter(outcome => outcome === 'repeated')).toHaveLength(19)
    expect(await bucketsOf(room)).toMatchObject([{ left: 1, bought: 1 }])
  })

  test('a departure of a ticket that never entered counts nothing and keeps it out of nothing', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.depart(room, TICKET, 'left', NOW_MS)).toBe('never-entered')
    expect(await bucketsOf(room)).toEqual([])
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    expect((await store.claim(room, TICKET, sampleClaim())).status).toBe('entered')
  })

  test('a ticket that has left does not enter again', async () => {
    const { store } = current()
    const room = freshRoom()
    const claim = sampleClaim()
    await store.claim(room, TICKET, claim)
    await store.depart(room, TICKET, 'left', NOW_MS)
    expect(await store.claim(room, TICKET, sampleClaim({ passId: 'pass-2' }))).toEqual({
      status: 'already-entered',
      claim,
    })
    expect(await store.loadClaim(room, TICKET)).toEqual(claim)
  })
}
