/** The visitors, as columns: a million of them take some tens of megabytes. */
import { between, type Chance } from '../time/chance.ts'
import { KIND, SHARES } from './kinds.ts'

/** What a visitor does next. */
export const STEP = { load: 0, look: 1, join: 2, record: 3, pass: 4, gone: 5, hammer: 6 } as const

/** What happened to a visitor at the door, as bits. */
export const MARK = {
  /** Asked for their turn, by the turn's own time. */
  claimed: 1,
  /** Met a full house then. */
  held: 2,
  /** Came when the turn was over. */
  missed: 4,
  /** Walked in by the late lane. */
  late: 8,
} as const

/** An impatient visitor leaves after this. */
const PATIENCE_MS = { min: 15_000, max: 180_000 }

export interface People {
  readonly count: number
  readonly arriveMs: Int32Array
  readonly leaveMs: Int32Array
  readonly kind: Uint8Array
  readonly marks: Uint8Array
  readonly step: Uint8Array
  readonly cohort: Int32Array
  readonly shard: Uint8Array
  readonly index: Int32Array
  /** 0 while it is not drawn. */
  readonly place: Int32Array
  /** When the ticket came, when they walked in, when they knew that all was sold; 0: never. */
  readonly ticketMs: Int32Array
  readonly enteredMs: Int32Array
  readonly knewMs: Int32Array
  /** When the turn was found to be over, and when the visitor closed the page; 0: never. */
  readonly missedMs: Int32Array
  readonly goneMs: Int32Array
  /** When a join that failed may be tried again. */
  readonly notBeforeMs: Int32Array
  /** Failures in a row of what they ask now. */
  readonly failures: Uint8Array
  /** Joins tried. */
  readonly attempts: Uint16Array
  /** Requests to the CDN, and those of them that reached a function by themselves. */
  readonly asked: Uint16Array
  readonly behind: Uint16Array
}

/** Who comes. */
export interface Comers {
  /** When each comes, in order. */
  readonly arrivals: Int32Array
  /** At the end of the list; they come with the others. */
  readonly bots: number
  /** The share that never walks in, those who lose patience among them. */
  readonly noShow: number
  /** Are there people of every kind among them? */
  readonly isMixed: boolean
}

export function createPeople(comers: Comers, chance: Chance): People {
  const { arrivals, bots, noShow, isMixed } = comers
  const count = arrivals.length + bots
  const numbers = () => new Int32Array(count)
  const people: People = {
    count,
    arriveMs: numbers(),
    leaveMs: numbers().fill(2 ** 31 - 1),
    kind: new Uint8Array(count),
    marks: new Uint8Array(count),
    step: new Uint8Array(count),
    cohort: numbers().fill(-1),
    shard: new Uint8Array(count),
    index: numbers(),
    place: numbers(),
    ticketMs: numbers(),
    enteredMs: numbers(),
    knewMs: numbers(),
    missedMs: numbers(),
    goneMs: numbers(),
    notBeforeMs: numbers(),
    failures: new Uint8Array(count),
    attempts: new Uint16Array(count),
    asked: new Uint16Array(count),
    behind: new Uint16Array(count),
  }
  const impatient = isMixed ? SHARES.impatient : 0
  const absent = Math.max(0, (noShow - impatient) / (1 - impatient))
  for (let visitor = 0; visitor < count; visitor++) {
    const arriveMs = arrivals[visitor] ?? arrivals[Math.floor(chance() * arrivals.length)] ?? 0
    people.arriveMs[visitor] = arriveMs
    if (visitor >= arrivals.length) {
      people.kind[visitor] = KIND.bot
      people.step[visitor] = STEP.hammer
      continue
    }
    let kind = chance() < absent ? KIND.absent : 0
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

/** One visitor's times. */
export function columnsOf(people: People, visitor: number) {
  return {
    arriveMs: people.arriveMs[visitor] ?? 0,
    leaveMs: people.leaveMs[visitor] ?? 0,
    ticketMs: people.ticketMs[visitor] ?? 0,
    enteredMs: people.enteredMs[visitor] ?? 0,
    knewMs: people.knewMs[visitor] ?? 0,
    goneMs: people.goneMs[visitor] ?? 0,
    marks: people.marks[visitor] ?? 0,
  }
}
