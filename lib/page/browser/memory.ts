/** What the page stores in the browser besides the ticket's cookie. Everything works without it, too. */
import type { Remembered } from '../machine/facts.ts'
import { RETURN_MS } from '../machine/limits.ts'

export interface Memory {
  /** Where this visitor was in line, so that the number of people ahead does not go up after a reload. */
  line(): Remembered | null
  keepLine(line: Remembered): void
  /** Notes that this tab walked in. */
  walkedIn(): void
  /**
   * Did this tab walk in and come back? Then the visitor presses a button for the next turn: a back button, or a
   * gate that refuses the pass, must not send anybody round for ever.
   */
  cameBack(by: { readonly isBackButton: boolean }): boolean
  /** Notes that this tab did not walk in after all: the open way was not open. */
  turnedAway(): void
  /**
   * The invitation of this tab. One that came just now is stored, for a reload before the room has
   * taken it.
   */
  invitation(fresh: string | null): string | null
  /** A secret of this browser: only with it does a used invitation give the same ticket again. */
  holder(): string
}

/** Bytes of chance in a holder: 32 characters of base64url. */
const HOLDER_BYTES = 24
const HOLDER = /^[\w-]{32}$/

/**
 * @param room as in the path: a group's line is remembered by itself.
 * @param nowMs the wall clock: what is stored outlives the page.
 */
export function createMemory(room: string, nowMs: () => number): Memory {
  const key = `antichambre/${room}`
  let holder: string | undefined
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
        // As above: then only the back button is noticed.
      }
    },
    cameBack({ isBackButton }) {
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
    turnedAway() {
      try {
        sessionStorage.removeItem(key)
      } catch {
        // Nothing was noted.
      }
    },
    invitation(fresh) {
      try {
        if (fresh === null) return sessionStorage.getItem(`${key}/invitation`)
        sessionStorage.setItem(`${key}/invitation`, fresh)
      } catch {
        // It is used at once; a reload before that needs the link again.
      }
      return fresh
    },
    holder() {
      holder ??= keptHolder(`${key}/holder`)
      return holder
    },
  }
}

function keptHolder(key: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(HOLDER_BYTES))
  const made = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
  try {
    const kept = localStorage.getItem(key)
    if (kept !== null && HOLDER.test(kept)) return kept
    localStorage.setItem(key, made)
  } catch {
    // Without storage it stays the same until the page is closed.
  }
  return made
}

function isRemembered(kept: unknown): kept is Remembered {
  if (typeof kept !== 'object' || kept === null) return false
  const { ticketId, firstAhead, shownAhead } = kept as Partial<Record<string, unknown>>
  return typeof ticketId === 'string' && Number.isFinite(firstAhead) && Number.isFinite(shownAhead)
}
