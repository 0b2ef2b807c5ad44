/**
 * People who may have left: the beacon said so, and they are given time to come back. What it knows
 * lives in this process: a session that goes on at another instance of the showroom is not seen.
 */
import { LEAVING_MAX } from '../options/limits.ts'

/** A session that ended without a purchase. */
export interface LeftDeparture {
  readonly ticket: string
  readonly reason: 'left'
}

export interface Leaving {
  /** Said goodbye: told when the grace is over. Said again, the grace begins anew. False: too many wait. */
  leave(ticketId: string): boolean
  /** Was seen again: has not left. */
  stay(ticketId: string): void
}

/** @param tell called once for each goodbye that nobody took back. */
export function createLeaving(
  graceSeconds: number,
  tell: (departure: LeftDeparture) => unknown,
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
        void told(tell, { ticket: ticketId, reason: 'left' })
      }, graceSeconds * 1000)
      // A process that ends does not wait: those sessions end by their own time.
      timer.unref()
      timers.set(ticketId, timer)
      return true
    },
  }
}

/** A departure that could not be told costs a seat until its session ends, and nothing else. */
async function told(
  tell: (departure: LeftDeparture) => unknown,
  departure: LeftDeparture,
): Promise<void> {
  try {
    await tell(departure)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown'
    console.error(JSON.stringify({ level: 'error', error: name, at: 'onDeparture' }))
  }
}
