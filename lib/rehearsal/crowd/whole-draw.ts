/**
 * All places of a cohort at once. The room draws one place at a time; a rehearsal needs all of
 * them, and takes each round's coins 256 at a time. A sample is compared with the room's own draw.
 */
import { createHash } from 'node:crypto'
import { type CohortRecord, cohortSize, placeIn } from '../../queue/cohort/place.ts'
import { DRAW_ROUNDS } from '../../queue/limits.ts'

/** Places compared with `placeIn`, for each cohort. */
const SAMPLE = 8

export interface WholeDraw {
  placeOf(shard: number, index: number): number
}

/** @throws Error when it does not give the very places that the room gives. */
export function drawAll(record: CohortRecord): WholeDraw {
  const size = cohortSize(record.sizes)
  const positions = positionsOf(Buffer.from(record.seed, 'base64url'), size)
  const befores: number[] = []
  let before = 0
  for (const shardSize of record.sizes) {
    befores.push(before)
    before += shardSize
  }
  const draw: WholeDraw = {
    placeOf: (shard, index) =>
      record.base + 1 + (positions[(befores[shard] ?? 0) + index] ?? Number.NaN),
  }
  for (let at = 0; at < SAMPLE && at < size; at++) {
    const nth = Math.floor((at * size) / SAMPLE)
    const shard = befores.findLastIndex((first, one) => first <= nth && record.sizes[one] !== 0)
    const index = nth - (befores[shard] ?? 0)
    if (index >= (record.sizes[shard] ?? 0)) continue
    if (draw.placeOf(shard, index) !== placeIn(record, shard, index)) {
      throw new Error('the draw of a whole cohort differs from the draw of one place')
    }
  }
  return draw
}

/** Where each index goes: the shuffle of lib/queue/cohort/draw.ts, on the whole list in each round. */
function positionsOf(seed: Uint8Array, size: number): Uint32Array {
  const positions = Uint32Array.from({ length: size }, (_, index) => index)
  const coins = new Uint8Array(32 * Math.ceil(size / 256))
  const input = Buffer.alloc(37)
  input.set(seed)
  for (let round = 0; round < DRAW_ROUNDS; round++) {
    input[32] = round
    const pivotHash = createHash('sha256').update(input.subarray(0, 33)).digest()
    const pivot = Number(pivotHash.readBigUInt64LE(0) % BigInt(Math.max(1, size)))
    for (let block = 0; block * 256 < size; block++) {
      input.writeUInt32LE(block, 33)
      coins.set(createHash('sha256').update(input).digest(), 32 * block)
    }
    for (let index = 0; index < size; index++) {
      const position = positions[index] ?? 0
      const partner = (pivot + size - position) % size
      const higher = position > partner ? position : partner
      if ((((coins[higher >> 3] ?? 0) >> (higher & 7)) & 1) === 1) positions[index] = partner
    }
  }
  return positions
}
