/**
 * Visitors who said goodbye and may still come back. The list lives in this process: a session that
 * goes on at another instance of the showroom is not seen.
 */
import { LEAVING_MAX } from '../options/limits.ts'

/** A session that ended without a purchase. */
export interface LeftDeparture {
  readonly ticket: string
  readonly reason: 'left'
}

export interface Leaving {
  /** A goodbye: reported after a wait, which each further goodbye begins anew. False: too many wait. */
  leave(ticketId: string): boolean
  /** Was seen again: has not left. */
  stay(ticketId: string): void
}

/** @param report called once for each goodbye that was not taken back. */
export function createLeaving(
  waitSeconds: number,
  report: (departure: LeftDeparture) => unknown,
): Leaving {
  const timers = new Map<string, NodeJS.Timeout>()
  const stay = (ticketId: string) => {
    clearTimeout(timers.get(ticketId))
    timers.delete(ticketId)
  }
  return {
    stay,
    leave(ticketId) {
      stay(ticketId)
      if (timers.size >= LEAVING_MAX) return false
      const timer = setTimeout(() => {
        timers.delete(ticketId)
        void reported(report, { ticket: ticketId, reason: 'left' })
      }, waitSeconds * 1000)
      // A process that ends does not wait: those sessions end by their own time.
      timer.unref()
      timers.set(ticketId, timer)
      return true
    },
  }
}

/** A departure that could not be reported costs a seat until its session ends, and nothing else. */
async function reported(
  report: (departure: LeftDeparture) => unknown,
  departure: LeftDeparture,
): Promise<void> {
  try {
    await report(departure)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown'
    console.error(JSON.stringify({ level: 'error', error: name, at: 'onDeparture' }))
  }
}
