/** What the page without JavaScript has to say. */

import type { Status } from '../../queue/visitor/room-status.ts'
import type { TicketStatus } from '../../queue/visitor/ticket-status.ts'
import type { Uninvited } from '../machine/facts.ts'

export interface PlainView {
  /** As in the path, with a group's name. */
  readonly room: string
  /** Seconds after which the browser asks again; null for never. */
  readonly refreshSeconds: number | null
  /** The operator's. */
  readonly message: string | null
  readonly state: PlainState
}

type Waiting = Extract<TicketStatus, { status: 'waiting' }>

export type PlainState =
  | Exclude<TicketStatus, { status: 'admitted' | 'missed' | 'waiting' }>
  | (Waiting & { readonly binding: Status['binding'] })
  | { status: 'missed'; place?: number }
  /** Every seat is taken, and the next free one is this visitor's. */
  | { status: 'held'; place?: number }
  /** `generalUrl` is the way into the room's own line. */
  | { status: 'uninvited'; problem: Uninvited; generalUrl: string }
  /** `location` is the showroom's address with the pass in it. */
  | { status: 'admitted'; location: string }
  | { status: 'gathering'; opensAtMs: number | null }
  | { status: 'doors-closed'; opensAtMs: number | null }
  /** `retryUrl` is the way to try once more. */
  | { status: 'cookies-needed'; retryUrl: string }
  /** The room is busy: nothing is lost, and the page asks again. */
  | { status: 'try-again' }
  /** `code` is the error's stable one, `message` what it says to people. */
  | { status: 'problem'; code: string; message: string }
