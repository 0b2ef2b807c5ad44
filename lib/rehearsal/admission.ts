/** Too many, or too few: what was let in beside what could have been. */
import type { RoomConfig } from '../queue/room-config.ts'
import type { RoomState } from '../queue/state.ts'

export interface AdmissionFacts {
  /** People inside at most beyond the capacity. */
  readonly over: number
  /** Of the places that the rate allowed while people waited, the share that was not let in. */
  readonly underByRate: number
  /** Of the seats, the share that stood empty while people waited; null without a capacity. */
  readonly emptySeats: number | null
}

export function createAdmission() {
  let [over, allowed, moved, seatSeconds, emptySeconds] = [0, 0, 0, 0, 0]
  let last: RoomState | undefined
  return {
    /** Each second. @param inside people in the showroom. */
    watch(state: RoomState, config: RoomConfig, inside: number, nowMs: number): void {
      const before = last
      last = state
      const { capacity } = config
      if (capacity !== null) over = Math.max(over, inside - capacity)
      const isSelling = state.openedAtMs !== null && nowMs >= state.openedAtMs && config.stock !== 0
      const line = before === undefined ? 0 : before.tail - before.front
      if (before === undefined || !isSelling || line === 0) return
      const share = config.ratePerMinute / 60
      allowed += Math.min(share, line)
      moved += state.front - before.front
      if (capacity === null) return
      seatSeconds += capacity
      emptySeconds += Math.max(0, capacity - inside)
    },
    facts(): AdmissionFacts {
      return {
        over,
        underByRate: allowed === 0 ? 0 : Math.max(0, 1 - moved / allowed),
        emptySeats: seatSeconds === 0 ? null : emptySeconds / seatSeconds,
      }
    },
  }
}
