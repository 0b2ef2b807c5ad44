/**
 * Checks on a whole result: every ticket that was given, against every record. The places are
 * computed here once more, as lists and with another SHA-256 than the room's.
 */
import { createHash } from 'node:crypto'
import { type CohortRecord, placeIn } from '../../lib/queue/cohort/place.ts'

/** All tickets of one room, in the order of their requests. */
export interface Tickets {
  readonly count: number
  readonly cohorts: Uint32Array
  readonly shards: Uint8Array
  readonly indexes: Uint32Array
  /** What the tickets of a cohort promised: one text, or the cohort is broken. */
  readonly commitments: ReadonlyMap<number, ReadonlySet<string>>
}

export interface Whole {
  /** What is wrong, in words; empty when everything holds. */
  readonly broken: readonly string[]
  readonly places: Float64Array
  /** Indexes that were leased and that nobody got. */
  readonly ghosts: number
  readonly leased: number
}

const ROUNDS = 90
/** Places that are also computed one by one, by the room's own code. */
const SAMPLES = 300

export function checkWhole(tickets: Tickets, records: readonly CohortRecord[]): Whole {
  const broken = new Set<string>()
  const places = new Float64Array(tickets.count)
  const leased = records.reduce((sum, record) => sum + sizeOf(record), 0)
  const byCohort = new Map(records.map(record => [record.cohort, record]))
  const drawn = new Map<number, Uint32Array>()
  for (const record of records) {
    drawn.set(record.cohort, drawnPositions(record))
    checkPromise(record, tickets, broken)
  }
  checkBases(records, broken)

  const taken = new Uint8Array(leased)
  const sampled = Math.max(1, Math.floor(tickets.count / SAMPLES))
  for (let ticket = 0; ticket < tickets.count; ticket++) {
    const cohort = tickets.cohorts[ticket] ?? 0
    const shard = tickets.shards[ticket] ?? 0
    const index = tickets.indexes[ticket] ?? 0
    const record = byCohort.get(cohort)
    if (record === undefined) {
      broken.add(`lost: tickets of cohort ${cohort}, which has no record`)
      continue
    }
    if (index >= (record.sizes[shard] ?? 0)) {
      broken.add(`lost: tickets of cohort ${cohort} beyond the sizes of its record`)
      continue
    }
    const before = record.sizes.slice(0, shard).reduce((sum, size) => sum + size, 0)
    const place = record.base + 1 + (drawn.get(cohort)?.[before + index] ?? Number.NaN)
    places[ticket] = place
    if (!(place > record.base && place <= record.base + sizeOf(record))) {
      broken.add(`order: places of cohort ${cohort} outside of it`)
    } else if (taken[place - 1] === 1) broken.add(`duplicate: place ${place} has two tickets`)
    else taken[place - 1] = 1
    if (ticket % sampled === 0 && placeIn(record, shard, index) !== place) {
      broken.add(`order: the room and this check differ about a place of cohort ${cohort}`)
    }
  }
  const occupied = taken.reduce((sum, one) => sum + one, 0)
  if (occupied !== tickets.count)
    broken.add(`lost: ${tickets.count} tickets hold ${occupied} places`)
  return { broken: [...broken], places, ghosts: leased - occupied, leased }
}

function checkPromise(record: CohortRecord, tickets: Tickets, broken: Set<string>): void {
  const commitment = sha256(Buffer.from(record.seed, 'base64url')).toString('base64url')
  const promised = tickets.commitments.get(record.cohort) ?? new Set([commitment])
  if (record.commitment !== commitment || promised.size !== 1 || !promised.has(commitment)) {
    broken.add(`promise: the seed of cohort ${record.cohort} is not the one its tickets promised`)
  }
}

/** Cohorts follow each other without a gap: each begins where the one before it ended. */
function checkBases(records: readonly CohortRecord[], broken: Set<string>): void {
  let base = 0
  for (const record of records.toSorted((a, b) => a.cohort - b.cohort)) {
    if (record.base !== base) broken.add(`order: cohort ${record.cohort} begins at ${record.base}`)
    base = record.base + sizeOf(record)
  }
}

/** `compute_shuffled_index` of Ethereum's consensus specification, for all indexes at once. */
function drawnPositions(record: CohortRecord): Uint32Array {
  const size = sizeOf(record)
  const seed = Buffer.from(record.seed, 'base64url')
  const positions = Uint32Array.from({ length: size }, (_, index) => index)
  for (let round = 0; round < ROUNDS && size > 0; round++) {
    const roundByte = Buffer.from([round])
    const pivot = Number(sha256(seed, roundByte).readBigUInt64LE() % BigInt(size))
    const coins = Buffer.concat(
      Array.from({ length: Math.ceil(size / 256) }, (_, block) => {
        const number = Buffer.alloc(4)
        number.writeUInt32LE(block)
        return sha256(seed, roundByte, number)
      }),
    )
    for (let index = 0; index < size; index++) {
      const position = positions[index] ?? 0
      const partner = (pivot + size - position) % size
      const higher = Math.max(position, partner)
      if ((((coins[higher >> 3] ?? 0) >> (higher & 7)) & 1) === 1) positions[index] = partner
    }
  }
  return positions
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function sizeOf(record: CohortRecord): number {
  return record.sizes.reduce((sum, size) => sum + size, 0)
}
