/** Instances of the functions, and the calls that they serve. */
import type { Answer as Answered } from '../../lib/rehearsal/cloud/instances.ts'
import type { Version } from './truth.ts'

export type FunctionName = 'visitor' | 'operator' | 'clock' | 'admit' | 'departures'

/** One environment of a function. It has a memory, a clock that is off, and one death. */
export interface Instance {
  readonly id: number
  readonly name: FunctionName
  readonly skewMs: number
  isAlive: boolean
}

/** One request, or one message, that an instance serves. */
export interface Call {
  readonly id: number
  readonly kind: string
  readonly instance: Instance
  readonly startedAtMs: number
  /** Did any of its requests meet trouble, or take long? */
  isDisturbed: boolean
  /** What it found when it last read the room consistently, and when; undefined until then. */
  roomRead: { readonly atMs: number; readonly version: Version } | undefined
  /** The seat that it counted in the house last; undefined where it gave that back. */
  counted: Counted | undefined
  /** The ticket whose departure it marked last. */
  marked: string | undefined
}

/** A seat as it was counted in the house. */
export interface Counted {
  readonly atMs: number
  /** When the tick that set the limit in force had read the room: no older setting is in force. */
  readonly limitReadAtMs: number
}

/** What came of a call, for whoever waits for it. */
export type Answer<Value> =
  | Answered<Value>
  /** The instance died; the caller gave up waiting. */
  | { status: 'died' }
