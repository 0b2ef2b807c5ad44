/** From a cohort's public record to a place: what the room, the page and any verifier compute alike. */
import { sha256 } from '@noble/hashes/sha2.js'
import * as z from 'zod/mini'
import { createDraw, type Draw } from './draw.ts'

/** The public record of a closed cohort. */
export const cohortRecordSchema = /* @__PURE__ */ recordSchema()

/** Made by a call that is marked as pure: the page does not use it, and is built without zod. */
function recordSchema() {
  const count = z.int().check(z.gte(0))
  const base64url32 = z.string().check(
    z.regex(/^[A-Za-z0-9_-]{43}$/, {
      error: '32 bytes in base64url (43 characters) are allowed',
    }),
  )
  return z.object({
    cohort: count,
    /** The tail before this cohort: its first place is `base + 1`. */
    base: count,
    /** How many indexes each shard gave out. */
    sizes: z.array(count),
    /** 32 bytes, base64url: revealed by the close. */
    seed: base64url32,
    /** SHA-256 of the seed, base64url: what the tickets promised. */
    commitment: base64url32,
    closedAtMs: z.int(),
  })
}

export type CohortRecord = z.infer<typeof cohortRecordSchema>

/** A draw is set up once for a record, not once for a ticket. */
const draws = new WeakMap<CohortRecord, Draw>()

/** How many places a cohort has. */
export function cohortSize(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * The place (1-based, in the whole line) that a closed cohort's record gives to an index.
 * @throws RangeError when the record has no such index.
 */
export function placeIn(record: CohortRecord, shard: number, index: number): number {
  const size = record.sizes[shard] ?? 0
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`cohort ${record.cohort} has no index ${index} in shard ${shard}`)
  }
  let draw = draws.get(record)
  if (draw === undefined) {
    draw = createDraw(fromBase64url(record.seed), cohortSize(record.sizes))
    draws.set(record, draw)
  }
  const before = cohortSize(record.sizes.slice(0, shard))
  return record.base + 1 + draw.position(before + index)
}

/** Is this place let in? The only comparison of a place with the front. */
export function isAdmitted(place: number, front: number): boolean {
  return place <= front
}

/** Does the revealed seed keep the promise that the tickets carry? */
export function keepsCommitment(record: Pick<CohortRecord, 'seed'>, commitment: string): boolean {
  return toBase64url(sha256(fromBase64url(record.seed))) === commitment
}

function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, character => character.charCodeAt(0))
}

function toBase64url(bytes: Uint8Array): string {
  const binary = String.fromCharCode(...bytes)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
