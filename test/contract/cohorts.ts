import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { SHARDS } from '../../lib/queue/limits.ts'
import type { Store } from '../../lib/store/port.ts'
import type { Contestant } from './harness.ts'
import { atOnce, freshRoom, makeRoom, NOW_MS, sampleRecord } from './samples.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

export function cohortContract(current: () => Contestant): void {
  test('leases follow one another without gap, in each shard and cohort by itself', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 3)).toEqual({
      status: 'leased',
      first: 0,
    })
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 3,
    })
    expect(await store.lease(room, { cohort: 0, shard: 1 }, 64)).toEqual({
      status: 'leased',
      first: 0,
    })
    expect(await store.lease(room, { cohort: 1, shard: 0 }, 2)).toEqual({
      status: 'leased',
      first: 0,
    })
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 4,
    })
    expect(await store.sizes(room, 0, 3, { consistent: true })).toEqual([5, 64, 0])
  })

  test('a lease is one write, however many indexes it takes', async () => {
    const { store, writes } = current()
    const before = writes()
    await store.lease(freshRoom(), { cohort: 0, shard: 0 }, 64)
    expect(writes() - before).toBe(1)
  })

  test('instances that lease at once never get one index twice, and no index is skipped', async () => {
    const { store, again } = current()
    const stores = [store, again(), again()]
    const wish = fc.record({
      instance: fc.nat(stores.length - 1),
      shard: fc.nat(1),
      count: fc.integer({ min: 1, max: 64 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 2, maxLength: 16 }), async wishes => {
        const room = freshRoom()
        const taken: number[][] = [[], []]
        const takeLease = async ({ instance, shard, count }: (typeof wishes)[number]) => {
          const outcome = await (stores[instance] ?? store).lease(room, { cohort: 0, shard }, count)
          if (outcome.status === 'closed') throw new Error('nobody closed the cohort')
          for (let index = 0; index < count; index++) taken[shard]?.push(outcome.first + index)
        }
        await Promise.all(wishes.map(takeLease))
        const sizes = await store.sizes(room, 0, 2, { consistent: true })
        const all = sizes.map(size => Array.from({ length: size }, (_, index) => index))
        expect(taken.map(indexes => indexes.sort((a, b) => a - b))).toEqual(all)
      }),
      { numRuns: 12 },
    )
  })

  test('a close tells how many joins, over all shards, had failed before', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 10, 3)
    await store.lease(room, { cohort: 0, shard: 0 }, 10)
    await store.lease(room, { cohort: 0, shard: 1 }, 10, 4)
    expect((await store.closeShards(room, 0, 3, NOW_MS)).retried).toBe(7)
    expect((await store.closeShards(room, 0, 3, NOW_MS + 1)).retried).toBe(7)
  })

  test('the last lease of a shard can be given back, and its indexes are leased again', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 10)
    expect(await store.giveBack(room, { cohort: 0, shard: 0, first: 4, end: 10 })).toBe(true)
    expect(await store.sizes(room, 0, 1, { consistent: true })).toEqual([4])
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 2)).toEqual({
      status: 'leased',
      first: 4,
    })
  })

  test('nothing is given back once others leased after it, or the cohort is closed', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 10)
    await store.lease(room, { cohort: 0, shard: 0 }, 1)
    expect(await store.giveBack(room, { cohort: 0, shard: 0, first: 4, end: 10 })).toBe(false)
    const { sizes } = await store.closeShards(room, 0, 1, NOW_MS)
    expect(await store.giveBack(room, { cohort: 0, shard: 0, first: 4, end: 11 })).toBe(false)
    expect(await store.sizes(room, 0, 1, { consistent: true })).toEqual(sizes)
  })

  test('giving back and leasing at once never hand out one index twice', async () => {
    const { store, again } = current()
    for (let round = 0; round < 10; round++) {
      const room = freshRoom()
      await store.lease(room, { cohort: 0, shard: 0 }, 10)
      const [given, ...leases] = await Promise.all([
        store.giveBack(room, { cohort: 0, shard: 0, first: 5, end: 10 }),
        again().lease(room, { cohort: 0, shard: 0 }, 3),
        store.lease(room, { cohort: 0, shard: 0 }, 3),
      ])
      const firsts = leases.map(lease => (lease.status === 'leased' ? lease.first : -1))
      expect(firsts.sort((a, b) => a - b)).toEqual(given ? [5, 8] : [10, 13])
    }
  })

  test('failure mode 1: a lease that is refused takes no index', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 5)
    const { sizes } = await store.closeShards(room, 0, 2, NOW_MS)
    for (const shard of [0, 1]) {
      expect(await store.lease(room, { cohort: 0, shard }, 9)).toEqual({ status: 'closed' })
    }
    expect(sizes).toEqual([5, 0])
    expect(await store.sizes(room, 0, 2, { consistent: true })).toEqual([5, 0])
  })

  test('no lease that races the close gets an index beyond the final size', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 6; round++) {
      const room = freshRoom()
      const leases = (from: Store, count: number) =>
        atOnce(count, async number => ({
          shard: number % 2,
          outcome: await from.lease(room, { cohort: 0, shard: number % 2 }, 1 + (number % 5)),
          count: 1 + (number % 5),
        }))
      const [early, close, late] = await Promise.all([
        leases(store, 4 * round),
        other.closeShards(room, 0, 2, NOW_MS),
        leases(store, 12),
      ])
      const given = [0, 0]
      for (const { shard, outcome, count } of [...early, ...late]) {
        if (outcome.status === 'closed') continue
        expect(outcome.first + count).toBeLessThanOrEqual(close.sizes[shard] ?? 0)
        given[shard] = (given[shard] ?? 0) + count
      }
      expect(given).toEqual(close.sizes)
    }
  })

  test('failure mode 20: closing again, by another clock, gives the sizes and time of the first run', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 2 }, 7)
    const first = await store.closeShards(room, 0, 4, NOW_MS)
    expect(first).toEqual({ sizes: [0, 0, 7, 0], closedAtMs: NOW_MS, retried: 0 })
    expect(await store.closeShards(room, 0, 4, NOW_MS + 60_000)).toEqual(first)
    expect(await store.closeShards(room, 0, 4, NOW_MS - 60_000)).toEqual(first)
  })

  test('closes at once, by different clocks, give one and the same answer', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 4; round++) {
      const room = freshRoom()
      await atOnce(SHARDS, shard => store.lease(room, { cohort: 0, shard }, shard + 1))
      const [answer, ...others] = await atOnce(4, number =>
        (number % 2 === 0 ? store : other).closeShards(room, 0, SHARDS, NOW_MS + number),
      )
      for (const sameAnswer of others) expect(sameAnswer).toEqual(answer)
      expect(sum(answer?.sizes ?? [])).toBe((SHARDS * (SHARDS + 1)) / 2)
      expect(await store.closeShards(room, 0, SHARDS, NOW_MS + 9)).toEqual(answer)
    }
  })

  test('a close that died after some of its shards keeps what those had', async () => {
    const { store } = current()
    const room = freshRoom()
    await atOnce(4, shard => store.lease(room, { cohort: 0, shard }, 10))
    const half = await store.closeShards(room, 0, 2, NOW_MS)
    const outcomes = await atOnce(4, shard => store.lease(room, { cohort: 0, shard }, 1))
    expect(outcomes.map(outcome => outcome.status)).toEqual([
      'closed',
      'closed',
      'leased',
      'leased',
    ])
    const whole = await store.closeShards(room, 0, 4, NOW_MS + 5_000)
    expect(whole).toEqual({ sizes: [...half.sizes, 11, 11], closedAtMs: NOW_MS, retried: 0 })
    expect(await store.closeShards(room, 0, 4, NOW_MS + 9_000)).toEqual(whole)
  })

  test('closing one cohort leaves the next one open', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.closeShards(room, 0, 2, NOW_MS)
    expect(await store.lease(room, { cohort: 1, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 0,
    })
  })

  test('failure mode 3: deleting a room and making it anew brings no index back', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    await store.lease(room, { cohort: 0, shard: 0 }, 5)
    await store.deleteRoom(room)
    await makeRoom(store, room)
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 5,
    })
  })

  test('failure mode 7: another instance goes on counting where the first one died', async () => {
    const { store, again } = current()
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 64)
    expect(await again().lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 64,
    })
  })

  test('the record that was put first is kept and given back, whatever comes later', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.loadRecord(room, 3)).toBeUndefined()
    expect(await store.putRecord(room, sampleRecord(3))).toEqual(sampleRecord(3))
    expect(await store.putRecord(room, sampleRecord(3, 8))).toEqual(sampleRecord(3))
    expect(await store.loadRecord(room, 3)).toEqual(sampleRecord(3))
    expect(await store.loadRecord(room, 4)).toBeUndefined()
  })

  test('of records put at once one is kept, and everybody is given that one', async () => {
    const { store } = current()
    const room = freshRoom()
    const kept = await atOnce(8, seed => store.putRecord(room, sampleRecord(0, seed)))
    expect(new Set(kept.map(record => record.seed)).size).toBe(1)
    expect(await store.loadRecord(room, 0)).toEqual(kept[0])
  })
}
