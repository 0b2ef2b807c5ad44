/** The visitors, as columns: a million of them take some tens of megabytes. */
import { between, type Chance } from './chance.ts'

/** What a visitor does next. */
export const STEP = { load: 0, look: 1, join: 2, record: 3, pass: 4, gone: 5, hammer: 6 } as const
export type Step = (typeof STEP)[keyof typeof STEP]

/** What kinds of visitors there are, as bits; most have none of them. */
export const KIND = { impatient: 1, tabs: 2, sleeper: 4, flaky: 8, hidden: 16, bot: 32, absent: 64 }

/** Shares of the visitors. Assumed; the rehearsal's docs say so. */
export const SHARES = { impatient: 0.05, tabs: 0.03, sleeper: 0.05, flaky: 0.02, hidden: 0.25 }
/** An impatient visitor leaves after this. */
const PATIENCE_MS = { min: 15_000, max: 180_000 }

export interface People {
  readonly count: number
  readonly arriveMs: Int32Array
  readonly leaveMs: Int32Array
  readonly kind: Uint8Array
  readonly step: Uint8Array
  readonly cohort: Int32Array
  readonly shard: Uint8Array
  readonly index: Int32Array
  /** 0 while it is not drawn. */
  readonly place: Int32Array
  /** When the ticket came, when they walked in, when they knew that there is nothing left; 0: never. */
  readonly ticketMs: Int32Array
  readonly enteredMs: Int32Array
  readonly knewMs: Int32Array
  readonly missed: Uint8Array
  /** Failures in a row of what they ask now. */
  readonly failures: Uint8Array
  /** Joins tried. */
  readonly attempts: Uint16Array
  /** Requests to the CDN, and those of them that reached a function by themselves. */
  readonly asked: Uint16Array
  readonly behind: Uint16Array
}

/** @param arrivals in order. @param bots at the end of the list; they come with the others. */
export function createPeople(
  arrivals: Int32Array,
  bots: number,
  noShow: number,
  chance: Chance,
  isMixed: boolean,
): People {
  const count = arrivals.length + bots
  const numbers = () => new Int32Array(count)
  const people: People = {
    count,
    arriveMs: numbers(),
    leaveMs: numbers().fill(2 ** 31 - 1),
    kind: new Uint8Array(count),
    step: new Uint8Array(count),
    cohort: numbers().fill(-1),
    shard: new Uint8Array(count),
    index: numbers(),
    place: numbers(),
    ticketMs: numbers(),
    enteredMs: numbers(),
    knewMs: numbers(),
    missed: new Uint8Array(count),
    failures: new Uint8Array(count),
    attempts: new Uint16Array(count),
    asked: new Uint16Array(count),
    behind: new Uint16Array(count),
  }
  for (let visitor = 0; visitor < count; visitor++) {
    const arriveMs = arrivals[visitor] ?? arrivals[Math.floor(chance() * arrivals.length)] ?? 0
    people.arriveMs[visitor] = arriveMs
    if (visitor >= arrivals.length) {
      people.kind[visitor] = KIND.bot
      people.step[visitor] = STEP.hammer
      continue
    }
    let kind = chance() < noShow ? KIND.absent : 0
    for (const [name, share] of Object.entries(SHARES) as [keyof typeof SHARES, number][]) {
      if (isMixed && chance() < share) kind |= KIND[name]
    }
    people.kind[visitor] = kind
    if (kind & KIND.impatient) {
      people.leaveMs[visitor] = arriveMs + between(chance, PATIENCE_MS.min, PATIENCE_MS.max)
    }
  }
  return people
}
