/**
 * Entries in the table. Entering and leaving are two writes each: the first, on the ticket's claim,
 * decides once and for all who is counted; the second counts in the bucket of the entry's time.
 */
import * as z from 'zod/mini'
import { bucketStartMs } from '../queue/counts.ts'
import { expiryOf, type Item, type Items, parsed, StoreRefusedError } from './items.ts'
import { type Claim, type EntryBucket, type Store, StoreBusyError } from './store.ts'
import { itemKey, partitions, sortableTime } from './table.ts'

type EntryStore = Pick<Store, 'claim' | 'loadClaim' | 'depart' | 'entryBuckets'>

const claimItem = z.object({
  enteredAtMs: z.int(),
  turnAtMs: z.int(),
  sessionEndsAtMs: z.int(),
  passId: z.string(),
  nonce: z.optional(z.string()),
})

const bucketItem = z.object({
  startsAtMs: z.int(),
  entered: z._default(z.int(), 0),
  // `left` is a word that DynamoDB reserves.
  departed: z._default(z.int(), 0),
  bought: z._default(z.int(), 0),
})

export function entryStore(items: Items): EntryStore {
  const findClaim = async (room: string, ticketId: string) => {
    const item = await items.get(itemKey.claim(room, ticketId))
    return item && claimOf(item)
  }

  const count = async (
    room: string,
    enteredAtMs: number,
    counters: readonly string[],
    { atMostOnce = false } = {},
  ) => {
    const startsAtMs = bucketStartMs(enteredAtMs)
    await items.update(itemKey.bucket(room, startsAtMs), {
      atMostOnce,
      set: ['startsAtMs = :startsAtMs', 'expiresAt = :expiry'],
      add: counters.map(counter => `${counter} :one`),
      values: { startsAtMs, expiry: expiryOf(startsAtMs), one: 1 },
    })
  }

  return {
    async claim(room, ticketId, claim) {
      // Settles the race of a ticket's claims that come at once: one of them is counted.
      const neverEntered = 'attribute_not_exists(pk)'
      const key = itemKey.claim(room, ticketId)
      const fields = { ...claim, expiresAt: expiryOf(claim.enteredAtMs) }
      if (!(await items.put(key, fields, { condition: neverEntered }))) {
        const stored = await findClaim(room, ticketId)
        if (stored === undefined) throw new StoreBusyError('an entry was taken back meanwhile')
        return { status: 'already-entered', claim: stored }
      }
      try {
        await count(room, claim.enteredAtMs, ['entered', turnCounter(claim.turnAtMs)])
      } catch (error) {
        // Nobody is inside uncounted: the claim is taken back, and the visitor asks again. If it was
        // counted and only the answer got lost, a seat stays empty for one session. Only a death
        // right here, or an outage that stops this write too, leaves one entry uncounted.
        await items.remove(key).catch(() => undefined)
        throw error
      }
      return { status: 'entered', claim }
    },

    loadClaim: findClaim,

    async depart(room, ticketId, reason, nowMs) {
      // Settle the race of a departure that comes several times, and of one that comes too early.
      const hasEntered = 'attribute_exists(pk)'
      const neverDeparted = 'attribute_not_exists(departedAtMs)'
      const key = itemKey.claim(room, ticketId)
      const departed = await items.update(key, {
        set: ['departedAtMs = :now', 'reason = :reason'],
        values: { now: nowMs, reason },
        condition: `${hasEntered} AND ${neverDeparted}`,
        returns: 'ALL_NEW',
      })
      if (departed === undefined) {
        return (await items.get(key)) === undefined ? 'never-entered' : 'repeated'
      }
      // Dying right here, the departure is never counted: its seat is freed when the session ends.
      // Never twice is worth more than always once, for a seat counted free twice is one too many.
      try {
        const { enteredAtMs } = parsed(claimItem, departed)
        const counters = reason === 'bought' ? ['departed', 'bought'] : ['departed']
        await count(room, enteredAtMs, counters, { atMostOnce: true })
      } catch (error) {
        // A bucket that was throttled counted nothing: the message will come again. After any other
        // trouble it may have counted, so there the claim stays departed.
        if (error instanceof StoreRefusedError) {
          const undo = { remove: ['departedAtMs', 'reason'], condition: hasEntered }
          await items.update(key, undo).catch(() => undefined)
        }
        throw error
      }
      return 'counted'
    },

    async entryBuckets(room, fromMs) {
      const from = sortableTime(bucketStartMs(fromMs))
      return (await items.query(partitions.entries(room), { from })).map(bucketOf)
    },
  }
}

function claimOf(item: Item): Claim {
  const { nonce, ...claim } = parsed(claimItem, item)
  return { ...claim, nonce }
}

/** The attribute that counts the entries of turns that began in one bucket: `t` and its seconds. */
function turnCounter(turnAtMs: number): string {
  return `t${bucketStartMs(turnAtMs) / 1000}`
}

function bucketOf(item: Item): EntryBucket {
  const { startsAtMs, entered, departed, bought } = parsed(bucketItem, item)
  const byTurn = new Map<number, number>()
  for (const [name, count] of Object.entries(item)) {
    const [, seconds] = /^t(\d+)$/.exec(name) ?? []
    if (seconds !== undefined) byTurn.set(Number(seconds) * 1000, Number(count))
  }
  return { startsAtMs, entered, left: departed, bought, byTurn }
}
