/** What the page does about each code that the room may refuse a request with. */
import { holdMs } from './backoff.ts'
import { type Facts, inPhase, type RequestName, UNINVITED, type Uninvited } from './facts.ts'
import { BACKOFF_MS_MAX } from './limits.ts'
import { expected, refused, withPause } from './tries.ts'

export function afterRefusal(
  facts: Facts,
  request: RequestName,
  code: string,
  chance: number,
): Facts {
  const isHeld = request === 'pass' ? false : facts.isHeld
  const next = { ...refused(facts, request, chance), isHeld }
  switch (code) {
    case 'unknown-room':
      // The group may be gone while the room is still there.
      if (facts.isGroup) return { ...next, uninvited: 'bad-invitation' }
      return { ...withPause(next, request, BACKOFF_MS_MAX), isUnknownRoom: true }
    case 'bad-room-id':
      return { ...withPause(next, request, BACKOFF_MS_MAX), isUnknownRoom: true }
    case 'doors-closed':
      return inPhase(next, 'scheduled')
    case 'room-paused':
      return inPhase(next, 'paused')
    case 'room-closed':
      return inPhase(next, 'closed')
    case 'sold-out':
      return inPhase(next, 'soldOut')
    case 'room-ended':
      return inPhase(next, 'ended')
    case 'no-ticket':
    case 'bad-ticket':
      return { ...next, ticket: null, lostTickets: facts.lostTickets + 1 }
    case 'house-full':
      // The room reserves the next free seat for visitors who go on asking, past the end of their turn too.
      return { ...expected(next, 'pass', holdMs(facts.status, chance)), isHeld: true }
    case 'turn-missed': {
      const since = facts.verdict === 'missed' ? facts.missedSinceMs : facts.nowMs
      return { ...expected(next, 'pass', 0), verdict: 'missed', missedSinceMs: since }
    }
    case 'already-entered':
      return { ...next, verdict: 'entered' }
    case 'bad-return-address':
    case 'bad-request':
      if (request === 'pass' && !facts.withoutReturn) return { ...next, verdict: 'refused-address' }
      return next
    default:
      return isUninvited(code) ? { ...next, uninvited: code } : next
  }
}

function isUninvited(code: string): code is Uninvited {
  return UNINVITED.some(one => one === code)
}
