/**
 * Departures in the table. Leaving is two writes: the first marks the ticket's item, which decides
 * that this departure counts and no other does; the second counts it in the house.
 */
import { CLOCK_SKEW_SECONDS } from '../../queue/limits.ts'
import type { DepartureReason, Store } from '../port.ts'
import { itemKey } from '../table.ts'
import { counter } from './house.ts'
import { adding, expiryOf, type Items, StoreRefusedError } from './items.ts'
import { hasEntered, type OpenWayNumber, openWayNumber, ticketKey, ticketOf } from './tickets.ts'

/** The counters of so many earlier sales stay: a departure may come late. */
const PAST_SALES_KEPT = 1
/** The counters of so many sales before those are removed, so that the house stays small. */
const PAST_SALES_REMOVED = 4

/** The seat of somebody who left. */
interface FreedSeat {
  readonly seatSlot: number
  readonly reason: DepartureReason
  readonly epoch: number
}

export function departureStore(
  items: Items,
  { loadHouse }: Pick<Store, 'loadHouse'>,
): Pick<Store, 'depart'> {
  return {
    async depart(room, departure, nowMs) {
      const { ticketId, reason, epoch } = departure
      const ofOpenWay = openWayNumber(ticketId)
      if (ofOpenWay !== undefined && !(await wasGiven(room, ofOpenWay, nowMs, epoch)))
        return 'never-entered'
      // Settle the race of a departure that comes several times, and of one that comes too early.
      const neverDeparted = 'attribute_not_exists(departedAtMs)'
      const key = ticketKey(room, ticketId)
      const marked = await items.update(key, {
        set: [
          'departedAtMs = :now',
          'reason = :reason',
          'expiresAt = if_not_exists(expiresAt, :expiry)',
        ],
        values: { now: nowMs, reason, expiry: expiryOf(nowMs) },
        condition: ofOpenWay === undefined ? `${hasEntered} AND ${neverDeparted}` : neverDeparted,
        returns: 'ALL_NEW',
      })
      if (marked === undefined) {
        if (ofOpenWay !== undefined) return 'repeated'
        return ticketOf(await items.get(key)).entry === undefined ? 'never-entered' : 'repeated'
      }
      const { entry } = ticketOf(marked)
      const seatSlot = ofOpenWay?.seatSlot ?? entry?.seatSlot ?? 0
      // Dying right here, the departure is never counted: its seat is freed when its slot expires.
      // Never twice is worth more than always once, for a seat counted free twice is one too many.
      // What else could be done is in docs/decisions/0008-house.md.
      try {
        const freed = { seatSlot, reason, epoch: entry?.claim.epoch ?? epoch }
        await count(room, freed, nowMs)
      } catch (error) {
        // A throttled house counted nothing, so the mark is taken back: the message will come again.
        // After any other trouble it may have counted, and the ticket stays marked.
        if (error instanceof StoreRefusedError) {
          const undo = items.update(key, {
            remove: ['departedAtMs', 'reason'],
            values: { now: nowMs },
            condition: 'departedAtMs = :now',
          })
          await undo.catch(() => undefined)
        }
        throw error
      }
      return 'counted'
    },
  }

  /** Was the number given out, and does its slot have people, or had it until it expired? */
  async function wasGiven(room: string, ofOpenWay: OpenWayNumber, nowMs: number, epoch: number) {
    const { number, seatSlot } = ofOpenWay
    const house = await loadHouse(room, epoch)
    const mayHaveExpired = (seatSlot - CLOCK_SKEW_SECONDS) * 1000 <= nowMs
    return number < house.openWay && (house.seats.has(seatSlot) || mayHaveExpired)
  }

  async function count(room: string, { seatSlot, reason, epoch }: FreedSeat, nowMs: number) {
    const seat = counter.seats(seatSlot)
    const unspentSeconds = Math.max(0, seatSlot - Math.floor(nowMs / 1000))
    const reasons = reason === 'bought' ? counter.bought(epoch) : counter.left(epoch)
    const reported = { [reasons]: 1, [counter.unspentSeconds(epoch)]: unspentSeconds }
    const remove = forgottenSales(epoch)
    const atMostOnce = true
    const freed = adding({ gone: 1, [seat]: -1, ...reported })
    // Settles the race against the tick that counts the people of an expired slot gone: a seat is
    // freed by one of the two.
    const stillCounted = `${seat} > :zero`
    const values = { ...freed.values, zero: 0 }
    const change = { add: freed.add, values, remove, condition: stillCounted, atMostOnce }
    const isFreed = (await items.update(itemKey.house(room), change)) !== undefined
    if (isFreed) return
    await items.update(itemKey.house(room), { ...adding(reported), remove, atMostOnce })
  }
}

function forgottenSales(epoch: number): string[] {
  const { bought, left, unspentSeconds, over } = counter
  const oldest = epoch - PAST_SALES_KEPT - PAST_SALES_REMOVED
  const names: string[] = []
  for (let past = Math.max(0, oldest); past < epoch; past++) {
    // How long the visits of an earlier sale took is not needed any more.
    names.push(unspentSeconds(past), over(past))
    if (past < epoch - PAST_SALES_KEPT) names.push(bought(past), left(past))
  }
  return names
}
