/** What there is to sell: how much is left and how long it will last. */
import {
  BUYERS_MIN,
  HOPEFUL_FOR_EACH,
  PACE_WINDOW_MS,
  SELL_OUT_MS_MAX,
  SELL_OUT_STILL_SHARE,
  STOCK_MARGIN,
} from '../limits.ts'
import { timeMs } from '../room/config.ts'
import { stockLeftOf } from '../room/phase.ts'
import type { RoomNow, RoomState } from '../room/state.ts'

type Sold = Pick<RoomState, 'bought' | 'left' | 'settled'>

/** Of those whose visit is decided, how many bought; with its interval of 95 percent. */
export interface BuyRate {
  readonly share: number
  readonly low: number
  readonly high: number
}

/** Wilson's score interval (JASA 22, 1927), which holds for few and for extreme shares too. */
export function buyRateOf({ bought, left, settled }: Sold): BuyRate | null {
  const decided = bought + left + settled
  if (decided < BUYERS_MIN) return null
  const share = bought / decided
  const z = 1.96
  const middle = share + z ** 2 / (2 * decided)
  const reach = z * Math.sqrt((share * (1 - share)) / decided + z ** 2 / (4 * decided ** 2))
  const scale = 1 + z ** 2 / decided
  return {
    share,
    low: Math.max(0, (middle - reach) / scale),
    high: Math.min(1, (middle + reach) / scale),
  }
}

/**
 * How many people, inside or expected, may still hope to buy: `HOPEFUL_FOR_EACH` for each article, or
 * fewer once it is measured who buys: `STOCK_MARGIN` times what it takes to sell the rest.
 */
export function hopefulMax(room: RoomNow): number {
  const left = stockLeftOf(room)
  if (left === null) return Number.POSITIVE_INFINITY
  const rate = buyRateOf(room.state)
  const each = rate === null ? HOPEFUL_FOR_EACH : STOCK_MARGIN / rate.share
  return Math.ceil(left * Math.min(HOPEFUL_FOR_EACH, each))
}

/** When the rest will be sold, at the pace since the first purchase; null while nobody can say. */
export function soldOutAtMs(room: RoomNow, nowMs: number): number | null {
  const { state } = room
  const left = stockLeftOf(room)
  if (left === null || left === 0 || state.firstBoughtAtMs === null) return null
  if (state.bought === 0) return null
  const elapsedMs = Math.max(1_000, nowMs - state.firstBoughtAtMs)
  const restMs = Math.round((left * elapsedMs) / state.bought)
  return restMs <= SELL_OUT_MS_MAX ? nowMs + restMs : null
}

/**
 * Milliseconds until the rest may be sold at the soonest. Two guesses are made, and the sooner one counts: by the
 * pace of purchases so far, and by how fast people walk in if as many of them buy as the measure leaves possible
 * (purchases come later than entries, so at first their pace says too little). But after a time without a
 * purchase it takes at least about as long again. Null: not counted, or nobody walks in.
 * @param ratePerMinute what the policies of time let in.
 */
export function untilSoldOutSoonestMs(
  room: RoomNow,
  ratePerMinute: number,
  nowMs: number,
): number | null {
  const { state } = room
  const left = stockLeftOf(room)
  if (left === null || left === 0) return null
  const buying = enteringPerMinute(state, ratePerMinute) * (buyRateOf(state)?.high ?? 1)
  const byEntriesMs = (left * 60_000) / buying
  const stillMs = SELL_OUT_STILL_SHARE * (nowMs - (lastSaleAtMs(room) ?? nowMs))
  const byPaceMs = (soldOutAtMs(room, nowMs) ?? Number.POSITIVE_INFINITY) - nowMs
  const soonestMs = Math.round(Math.max(Math.min(byEntriesMs, byPaceMs), stillMs))
  return Number.isFinite(soonestMs) ? soonestMs : null
}

/** Since when nothing was sold, as far as anybody said. */
function lastSaleAtMs({ config, state }: RoomNow): number | null {
  const said = [state.openedAtMs, state.lastBoughtAtMs, timeMs(config.stockLeftAt)]
  const known = said.filter(atMs => atMs !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** How many walk in a minute, as it was over the last one; as many as may while that is not known. */
function enteringPerMinute({ pace }: RoomState, ratePerMinute: number): number {
  const [first, last] = [pace[0], pace.at(-1)]
  if (first === undefined || last === undefined) return ratePerMinute
  const spanMs = last.atMs - first.atMs
  if (spanMs < PACE_WINDOW_MS / 2) return ratePerMinute
  return ((last.entered - first.entered) * 60_000) / spanMs
}
