/** Cohorts in the table: a counter for each shard, and the record of the close. */
import * as z from 'zod/mini'
import { type CohortRecord, cohortRecordSchema } from '../../queue/cohort/place.ts'
import type { Store } from '../port.ts'
import { itemKey } from '../table.ts'
import { expiryOf, type Item, type Items, parsed } from './items.ts'

type CohortStore = Pick<
  Store,
  'lease' | 'giveBack' | 'sizes' | 'closeShards' | 'putRecord' | 'loadRecord'
>

/** `returned`: how often indexes were given back. */
const leasedItem = z.object({ leased: z.int(), returned: z.optional(z.int()) })
const closedItem = z.object({
  leased: z.int(),
  closedAtMs: z.int(),
  retried: z.optional(z.int()),
})
const recordItem = z.object({ json: z.string() })

export function cohortStore(items: Items): CohortStore {
  const findRecord = async (room: string, cohort: number) => {
    const item = await items.get(itemKey.record(room, cohort))
    return item && recordOf(item)
  }

  return {
    async lease(room, { cohort, shard }, count, retried = 0) {
      // Settles the race against the close: all indexes given out are below the final size. An open
      // counter has no expiry, so that in a quiet room it never starts again at 0. When an answer is
      // lost and the request sent again, the indexes of the first one are ghosts.
      const neverClosed = 'attribute_not_exists(closedAtMs)'
      const counter = await items.update(itemKey.counter(room, cohort, shard), {
        add: ['leased :count', ...(retried === 0 ? [] : ['retried :retried'])],
        values: { count, ...(retried === 0 ? {} : { retried }) },
        condition: neverClosed,
        returns: 'UPDATED_NEW',
      })
      if (counter === undefined) return { status: 'closed' }
      return { status: 'leased', first: parsed(leasedItem, counter).leased - count }
    },

    async giveBack(room, { cohort, shard, first, end }) {
      const key = itemKey.counter(room, cohort, shard)
      const found = await items.get(key)
      if (found === undefined) return false
      const { returned = 0 } = parsed(leasedItem, found)
      // Settle three races. Against another lease, whose indexes begin where these end; against the
      // close, after which a size never changes; and against itself: when its answer is lost and
      // the request sent again, others may have leased the same indexes in between.
      const stillLast = 'leased = :end'
      const neverClosed = 'attribute_not_exists(closedAtMs)'
      const noneReturnedSince =
        returned === 0 ? 'attribute_not_exists(returned)' : 'returned = :returned'
      const counter = await items.update(key, {
        set: ['leased = :first', 'returned = :next'],
        values: { first, end, next: returned + 1, ...(returned === 0 ? {} : { returned }) },
        condition: `${stillLast} AND ${neverClosed} AND ${noneReturnedSince}`,
      })
      return counter !== undefined
    },

    async sizes(room, cohort, shards, { consistent = false } = {}) {
      const keys = Array.from({ length: shards }, (_, shard) =>
        itemKey.counter(room, cohort, shard),
      )
      const counters = await items.getAll(keys, { consistent })
      return counters.map(counter =>
        counter === undefined ? 0 : parsed(leasedItem, counter).leased,
      )
    },

    async closeShards(room, cohort, shards, nowMs) {
      const counters = await eachShard(shards, async shard => {
        // What an earlier run wrote stays: two runs at once, or a run after one that died, find the same.
        const counter = await items.update(itemKey.counter(room, cohort, shard), {
          set: [
            'closedAtMs = if_not_exists(closedAtMs, :now)',
            'leased = if_not_exists(leased, :zero)',
            'expiresAt = if_not_exists(expiresAt, :expiry)',
          ],
          values: { now: nowMs, zero: 0, expiry: expiryOf(nowMs) },
          returns: 'ALL_NEW',
        })
        return parsed(closedItem, counter)
      })
      return {
        sizes: counters.map(counter => counter.leased),
        closedAtMs: Math.min(...counters.map(counter => counter.closedAtMs)),
        retried: counters.reduce((sum, counter) => sum + (counter.retried ?? 0), 0),
      }
    },

    async putRecord(room, record) {
      // Settles the race of two closes, and of one that died and runs again: the first record stays.
      const noneYet = 'attribute_not_exists(pk)'
      const isFirst = await items.put(
        itemKey.record(room, record.cohort),
        { json: JSON.stringify(record), expiresAt: expiryOf(record.closedAtMs) },
        { condition: noneYet },
      )
      return isFirst ? record : ((await findRecord(room, record.cohort)) ?? record)
    },

    // Read consistently: the status says that the cohort is closed as soon as the record is there.
    loadRecord: findRecord,
  }
}

function eachShard<Result>(shards: number, act: (shard: number) => Promise<Result>) {
  return Promise.all(Array.from({ length: shards }, (_, shard) => act(shard)))
}

export function recordOf(item: Item): CohortRecord {
  return parsed(cohortRecordSchema, JSON.parse(parsed(recordItem, item).json))
}
