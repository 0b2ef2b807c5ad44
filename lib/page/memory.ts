/** What the page keeps in the browser besides the ticket's cookie. Without storage it does without. */
import type { Remembered } from './facts.ts'
import { RETURN_MS } from './limits.ts'

export interface Memory {
  /** Where this visitor was in line: for the number shown to never go up after a reload. */
  line(): Remembered | null
  keepLine(line: Remembered): void
  /** Notes that this tab walked in. */
  walkedIn(): void
  /**
   * Did this tab walk in and come back, rather than arrive? Then the next turn is taken by hand:
   * a back button or a gate that refuses the pass must not send anybody round for ever.
   */
  cameBack(isBackButton: boolean): boolean
}

/** @param nowMs the wall clock: what is kept outlives the page. */
export function createMemory(room: string, nowMs: () => number): Memory {
  const key = `antichambre/${room}`
  return {
    line() {
      try {
        const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
        return isRemembered(kept) ? kept : null
      } catch {
        return null
      }
    },
    keepLine(line) {
      try {
        localStorage.setItem(key, JSON.stringify(line))
      } catch {
        // Private windows and full disks: the line is computed anew after a reload.
      }
    },
    walkedIn() {
      try {
        sessionStorage.setItem(key, String(nowMs()))
      } catch {
        // As above: `cameBack` then goes by the back button alone.
      }
    },
    cameBack(isBackButton) {
      try {
        const kept = sessionStorage.getItem(key)
        if (kept === null) return false
        if (isBackButton || Math.abs(nowMs() - Number(kept)) < RETURN_MS) return true
        sessionStorage.removeItem(key)
        return false
      } catch {
        return isBackButton
      }
    },
  }
}

function isRemembered(kept: unknown): kept is Remembered {
  if (typeof kept !== 'object' || kept === null) return false
  const { ticketId, firstAhead, shownAhead } = kept as Partial<Record<string, unknown>>
  return typeof ticketId === 'string' && Number.isFinite(firstAhead) && Number.isFinite(shownAhead)
}
