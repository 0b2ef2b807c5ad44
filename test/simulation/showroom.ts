/** The showroom: people stay, buy or leave. It reports them to the room, and now and then some nonsense. */

import type { KeyRing } from '../../lib/keys/key-ring.ts'
import { AntichambreError } from '../../lib/queue/errors.ts'
import { signMessage } from '../../lib/queue/tokens/showroom-signature.ts'
import { between, type Chance } from '../../lib/rehearsal/time/chance.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import { checkSignature } from '../../lib/service/departures.ts'
import type { DepartureReason } from '../../lib/store/port.ts'
import { type GivenPass, must } from './laws/law.ts'
import type { Queues } from './queues.ts'
import { ROOM } from './scenario.ts'
import type { Truth } from './truth.ts'

export interface Showroom {
  /** Somebody walks in. @param gone hears when they have left, before the session ended. */
  visit(pass: GivenPass, gone: () => void): void
  /** From now on there is so much to sell; null: it does not matter. */
  stock(left: number | null): void
  /** Reports departures of people who never came, some of them with a forged signature. */
  talkNonsense(): void
  /** Says how much is left. */
  tellStock(): void
  readonly counts: { bought: number; left: number; silent: number; foreign: number; forged: number }
}

export interface ShowroomDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly queues: Queues
  readonly keys: KeyRing
  readonly truth: Truth
  readonly epochMs: number
}

export function createShowroom(deps: ShowroomDeps): Showroom {
  const { timeline, chance, queues, keys, truth } = deps
  const counts = { bought: 0, left: 0, silent: 0, foreign: 0, forged: 0 }
  let toSell: number | null = null

  const depart = (ticket: string, reason: DepartureReason) =>
    queues.tell({ room: ROOM, departures: [{ ticket, reason }] })

  return {
    counts,
    stock(left) {
      toSell = left
    },
    visit({ ticketId, sessionEndsMs }, gone) {
      const restMs = sessionEndsMs - timeline.nowMs()
      if (chance() < 0.3) {
        counts.silent++
        return
      }
      timeline.after(between(chance, 0.05, 0.9) * restMs, () => {
        const isBuyer = chance() < 0.5 && (toSell === null || toSell > 0)
        if (isBuyer && toSell !== null) toSell--
        counts[isBuyer ? 'bought' : 'left']++
        truth.leave(ticketId)
        depart(ticketId, isBuyer ? 'bought' : 'left')
        gone()
      })
    },
    talkNonsense() {
      const known = [...truth.people.keys()]
      const ids = ['0.0.999', '7.3.0', '1.999.100', known[Math.floor(chance() * known.length)]]
      const ticket = ids[Math.floor(chance() * ids.length)] ?? '0.0.998'
      if (chance() < 0.5) {
        counts.foreign++
        depart(ticket, 'left')
        return
      }
      counts.forged++
      const body = JSON.stringify([{ ticket, reason: 'left' }])
      const [key] = keys.gateKeys('another-room')
      const signature = key && signMessage('departures', ROOM, body, key)
      let isRefused = false
      try {
        checkSignature({ what: 'departures', room: ROOM, body, signature }, keys.gateKeys(ROOM))
      } catch (error) {
        isRefused = error instanceof AntichambreError
      }
      must('departure-counts-once', isRefused, () => 'a forged departure was not refused')
    },
    tellStock() {
      if (toSell === null) return
      queues.tell({ room: ROOM, stockLeft: toSell, atMs: deps.epochMs + timeline.nowMs() })
    },
  }
}
