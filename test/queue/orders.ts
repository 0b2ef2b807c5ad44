/** The orders of a tick that lets nobody in: what a room asks of its house as it stands. */

import { forecastOf } from '../../lib/queue/admission/forecast.ts'
import { houseOrders, limitOf } from '../../lib/queue/admission/house-orders.ts'
import { effectiveRate } from '../../lib/queue/admission/policies.ts'
import type { House, HouseOrders } from '../../lib/queue/house/house.ts'
import { phaseOf } from '../../lib/queue/room/phase.ts'
import type { RoomNow } from '../../lib/queue/room/state.ts'

export function ordersOf(room: RoomNow, house: House, nowMs: number): HouseOrders | undefined {
  const facts = { phase: phaseOf(room, nowMs), ratePerMinute: effectiveRate(room, nowMs) }
  const reading = {
    ...facts,
    forecast: forecastOf(room, house, nowMs),
    limit: limitOf(room, house, facts, nowMs),
  }
  return houseOrders(room, house, reading, nowMs)
}
