/** Cohorts: their seeds, commitments, records, and the places that a record gives. */
import { createHash } from 'node:crypto'
import { hmacSha256 } from '../tokens/hmac.ts'
import type { CohortRecord } from './place.ts'

/** The seed of a cohort's draw: HMAC(draw key, room, cohort). Secret until the cohort closed. */
export function cohortSeed(drawKey: Uint8Array, room: string, cohort: number): Buffer {
  return hmacSha256(drawKey).update(`${room}/${cohort}`).digest()
}

/** What every ticket of the cohort carries: SHA-256 of the seed, base64url. */
export function commitmentOf(seed: Uint8Array): string {
  return createHash('sha256').update(seed).digest('base64url')
}

/** The record of a closed cohort: `base` is the tail before it, `sizes` are its indexes by shard. */
export function cohortRecord({
  seed,
  ...facts
}: Pick<CohortRecord, 'cohort' | 'base' | 'closedAtMs'> & {
  readonly sizes: readonly number[]
  readonly seed: Uint8Array
}): CohortRecord {
  return {
    cohort: facts.cohort,
    base: facts.base,
    sizes: [...facts.sizes],
    seed: Buffer.from(seed).toString('base64url'),
    commitment: commitmentOf(seed),
    closedAtMs: facts.closedAtMs,
  }
}
