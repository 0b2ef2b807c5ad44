/** How full the showroom was, and how many walked in, beside what was allowed. */
import { showUpOf } from '../../queue/admission/show-up.ts'
import type { RoomState } from '../../queue/room/state.ts'
import type { Plan } from '../plan/options.ts'

/** The house fills for so long before its seats are looked at. */
export const FILLING_MS = 600_000
/** Entries are held against the rate over stretches this long. */
export const STRETCH_MS = 300_000

/** Entries of some time, and what the rate would have let in. */
export interface Stretch {
  /** Seconds since the first visitor came. */
  readonly fromSecond: number
  readonly seconds: number
  readonly entered: number
  readonly target: number
  /** Of the target: 1 is all of it. */
  readonly share: number
}

export interface AdmissionFacts {
  /** Of the seats, the share with people in them, from `FILLING_MS` on while people waited; null without. */
  readonly seatsFilled: number | null
  /** The same of the emptiest minute. */
  readonly seatsFilledLeast: number | null
  /** When show-up was measured, milliseconds of the rehearsal; null: it was not. */
  readonly measuredMs: number | null
  /** While the rate alone ruled: entries before show-up was measured, and after it. */
  readonly before: Stretch | null
  readonly after: readonly Stretch[]
}

/** When the first visitor came, and when people could first be let in. */
interface Times {
  readonly firstMs: number
  readonly openMs: number
}

/** People in the showroom, and everybody who ever entered. */
interface Present {
  readonly inside: number
  readonly entered: number
}

export function createSeatsUsed(plan: Plan, { firstMs, openMs }: Times) {
  const { capacity, stock, ratePerMinute } = plan
  // With a rate alone the estimate of `booking` is used; seats wait until show-up is measured.
  const isMeasured = (state: RoomState) =>
    capacity === null && stock === null ? state.booking !== null : showUpOf(state) !== null
  const seatMinutes = new Map<number, { seats: number; people: number }>()
  /** From the second in which people first waited in an open room to the last one. */
  const entered: number[] = []
  let startMs: number | null = null
  let measuredMs: number | null = null

  return {
    /** Each second. */
    watch(state: RoomState, present: Present, nowMs: number): void {
      if (measuredMs === null && isMeasured(state)) measuredMs = nowMs
      const waits = state.openedAtMs !== null && state.tail > state.front
      if (!waits || nowMs < openMs || state.soldOutAtMs !== null) return
      if (startMs === null) startMs = nowMs
      entered.push(present.entered)
      if (capacity === null || nowMs < openMs + FILLING_MS) return
      const minute = Math.floor(nowMs / 60_000)
      const known = seatMinutes.get(minute) ?? { seats: 0, people: 0 }
      known.seats += capacity
      known.people += present.inside
      seatMinutes.set(minute, known)
    },
    facts(): AdmissionFacts {
      const minutes = [...seatMinutes.values()]
      const sum = (of: (one: { seats: number; people: number }) => number) =>
        minutes.reduce((total, one) => total + of(one), 0)
      const stretch = (from: number, to: number): Stretch => {
        const [count, seconds] = [(entered[to] ?? 0) - (entered[from] ?? 0), to - from]
        const target = (ratePerMinute * seconds) / 60
        const fromSecond = ((startMs ?? 0) - firstMs) / 1000 + from
        const share = target === 0 ? 1 : count / target
        return { fromSecond, seconds, entered: count, target, share }
      }
      const isRateAlone = capacity === null && stock === null && startMs !== null
      const last = entered.length - 1
      const measured = measuredMs === null ? last : (measuredMs - (startMs ?? 0)) / 1000
      const after: Stretch[] = []
      const step = STRETCH_MS / 1000
      for (let from = measured; isRateAlone && from + step <= last; from += step) {
        after.push(stretch(from, from + step))
      }
      return {
        seatsFilled: minutes.length === 0 ? null : sum(one => one.people) / sum(one => one.seats),
        seatsFilledLeast:
          minutes.length === 0
            ? null
            : Math.min(...minutes.map(({ seats, people }) => people / seats)),
        measuredMs,
        before: isRateAlone && measured > 0 ? stretch(0, Math.min(last, measured)) : null,
        after,
      }
    },
  }
}
