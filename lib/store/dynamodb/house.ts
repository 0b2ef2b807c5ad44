/**
 * The house in the table: one item of counters, small enough to be one write unit. DynamoDB's
 * conditions compare attributes but cannot add or subtract them. So these sums are stored beside
 * their parts, and change with them in the same write:
 *
 * | attribute | is |
 * | --- | --- |
 * | `seats` | free: the limit less all who entered |
 * | `heldNow` | on hold: the sum of the holds |
 * | `spare` | `seats` less those reserved for people with a turn (`kept`) |
 * | `unheld` | `seats` less those on hold |
 */
import * as z from 'zod/mini'
import { EMPTY_HOUSE, type House } from '../../queue/house/house.ts'
import { AGE_SECONDS } from '../../queue/limits.ts'
import type { Store } from '../port.ts'
import { itemKey } from '../table.ts'
import { adding, type Fields, type Item, type Items, parsed } from './items.ts'

type HouseStore = Pick<Store, 'loadHouse' | 'orderHouse' | 'leaseOpenWay'>

const count = z._default(z.int(), 0)
const houseItem = z.object({
  entered: count,
  gone: count,
  // `limit` is a word that DynamoDB reserves.
  seatLimit: count,
  seats: count,
  kept: count,
  lateSeats: count,
  heldNow: count,
  through: count,
})

/**
 * The names of the counters that a house has several of: a letter, then the number of the slot, the
 * class or the sale. The number is in base 36 because DynamoDB bills names like values. The `_` keeps
 * clear of DynamoDB's reserved words.
 */
export const counter = {
  held: (holdSlot: number) => `h_${holdSlot.toString(36)}`,
  seats: (seatSlot: number) => `x_${seatSlot.toString(36)}`,
  byTurn: (turnSlot: number) => `t_${turnSlot.toString(36)}`,
  ages: (ageClass: number) => `a_${ageClass.toString(36)}`,
  bought: (epoch: number) => `b_${epoch.toString(36)}`,
  left: (epoch: number) => `l_${epoch.toString(36)}`,
  unspentSeconds: (epoch: number) => `u_${epoch.toString(36)}`,
  over: (epoch: number) => `o_${epoch.toString(36)}`,
}
type Letter = 'h' | 'x' | 't' | 'a' | 'b' | 'l' | 'u' | 'o'

export function houseStore(items: Items): HouseStore {
  return {
    async loadHouse(room, epoch) {
      const item = await items.get(itemKey.house(room))
      return item === undefined ? EMPTY_HOUSE : houseOf(item, epoch)
    },

    async orderHouse(room, orders, seen) {
      const expired = removal(orders.expired, seen.seats, counter.seats)
      const lapsed = removal(orders.lapsed, seen.held, counter.held)
      const counts = adding({
        seats: orders.limit - seen.limit,
        spare: orders.limit - seen.limit - (orders.reserved - seen.reserved),
        unheld: orders.limit - seen.limit + lapsed.sum,
        gone: expired.sum,
        heldNow: -lapsed.sum,
        ...(expired.sum > 0 ? { [counter.over(orders.epoch)]: expired.sum } : {}),
      })
      // Settle the races against another tick, and against visitors who leave, or take their held seat,
      // in the moment in which their slot expires: nobody is counted gone twice, no seat freed twice.
      const sameLimit = 'seatLimit = :seenLimit AND kept = :seenKept'
      const neverLimited = 'attribute_not_exists(seatLimit)'
      const sameLimits = seen.limit === 0 ? `(${neverLimited} OR ${sameLimit})` : sameLimit
      const { limit, reserved, lateSeats, forgotten } = orders
      const ordered = await items.update(itemKey.house(room), {
        set: ['seatLimit = :limit', 'kept = :kept', 'lateSeats = :lateSeats'],
        add: counts.add,
        remove: [...expired.names, ...lapsed.names, ...forgotten.map(counter.byTurn)],
        values: {
          ...counts.values,
          ...expired.values,
          ...lapsed.values,
          limit,
          kept: reserved,
          lateSeats,
          seenLimit: seen.limit,
          seenKept: seen.reserved,
        },
        condition: [sameLimits, ...expired.sameCounts, ...lapsed.sameCounts].join(' AND '),
      })
      return ordered !== undefined
    },

    async leaseOpenWay(room, seatSlot, count) {
      // Settle the race for the last seats: those on hold and those with a turn come first.
      const unreserved = 'spare >= :count AND unheld >= :count'
      const counts = adding({
        entered: count,
        seats: -count,
        spare: -count,
        unheld: -count,
        through: count,
        [counter.seats(seatSlot)]: count,
      })
      // Where an answer is lost and the request sent again, nobody gets the first numbers, and their
      // seats stay empty until their slot expires.
      const house = await items.update(itemKey.house(room), {
        add: counts.add,
        values: { ...counts.values, count },
        condition: unreserved,
        returns: 'ALL_NEW',
      })
      if (house === undefined) return { status: 'full' }
      const { seats, kept, heldNow, through } = parsed(houseItem, house)
      return { status: 'leased', first: through - count, left: seats - Math.max(kept, heldNow) }
    },
  }
}

function houseOf(item: Item, epoch: number): House {
  const { entered, gone, seatLimit, kept, lateSeats, through } = parsed(houseItem, item)
  const several = (letter: Letter) => countersOf(item, letter)
  const ages = several('a')
  return {
    entered,
    gone,
    limit: seatLimit,
    reserved: kept,
    lateSeats,
    openWay: through,
    held: several('h'),
    seats: several('x'),
    byTurn: several('t'),
    ageClasses: Array.from(
      { length: AGE_SECONDS.length + 1 },
      (_, ageClass) => ages.get(ageClass) ?? 0,
    ),
    bought: several('b').get(epoch) ?? 0,
    left: several('l').get(epoch) ?? 0,
    unspentSeconds: several('u').get(epoch) ?? 0,
    over: several('o').get(epoch) ?? 0,
  }
}

/** The counters with this letter, by their numbers. Those at 0 are among them: only an order removes a counter. */
function countersOf(item: Item, letter: Letter): Map<number, number> {
  const counters = new Map<number, number>()
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith(`${letter}_`)) continue
    counters.set(Number.parseInt(name.slice(2), 36), Number(value))
  }
  return counters
}

/** Removes the counters of these slots, if they still are as they were seen. */
function removal(
  slots: readonly number[],
  seen: ReadonlyMap<number, number>,
  nameOf: (slot: number) => string,
) {
  const counters = slots.flatMap(slot => {
    const count = seen.get(slot)
    return count === undefined ? [] : [{ name: nameOf(slot), count }]
  })
  const values: Fields = Object.fromEntries(counters.map(({ name, count }) => [name, count]))
  return {
    names: counters.map(({ name }) => name),
    sameCounts: counters.map(({ name }) => `${name} = :${name}`),
    values,
    sum: counters.reduce((sum, { count }) => sum + count, 0),
  }
}
