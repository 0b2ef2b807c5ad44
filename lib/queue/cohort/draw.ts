/**
 * The draw: a verifiable shuffle that gives each index of a closed cohort its place, one at a time,
 * without a list. It is the swap-or-not shuffle (Hoang, Morris, Rogaway: An Enciphering Scheme
 * Based on a Card Shuffle, CRYPTO 2012) over SHA-256, in the very form in which Ethereum's
 * consensus specification fixed it as `compute_shuffled_index` (90 rounds), so that independent
 * implementations of it exist. Runs alike in Node and in the browser.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { COHORT_SIZE_MAX, DRAW_ROUNDS } from '../limits.ts'

/** One drawn order: a permutation of 0 .. size - 1 and its inverse. */
export interface Draw {
  readonly size: number
  /** The drawn position (0-based) of an index. */
  position(index: number): number
  /** The index that was drawn to a position: the inverse of `position`. */
  indexAt(position: number): number
}

/**
 * The draw of a cohort.
 * @param seed 32 bytes, revealed when the cohort closed.
 * @param size how many indexes were leased in all: 1 .. 2^32 - 1.
 * @throws RangeError when size, or later an index, is out of its range.
 */
export function createDraw(seed: Uint8Array, size: number): Draw {
  if (seed.length !== 32) throw new RangeError(`a seed has 32 bytes, ${seed.length} came`)
  if (!Number.isInteger(size) || size < 1 || size > COHORT_SIZE_MAX) {
    throw new RangeError(`a cohort has 1 to ${COHORT_SIZE_MAX} indexes, ${size} came`)
  }
  const pivots = Array.from({ length: DRAW_ROUNDS }, (_, round) => pivotOf(seed, round, size))
  // One buffer for every hash of this draw: seed, round, and the 32 bits of a pair's block.
  const input = new Uint8Array(37)
  input.set(seed)

  /** The round's coin for a pair, named by its higher position: 256 coins come from one hash. */
  const isSwapped = (round: number, position: number): boolean => {
    const block = Math.floor(position / 256)
    input[32] = round
    input[33] = block
    input[34] = block >> 8
    input[35] = block >> 16
    input[36] = block >> 24
    const byte = sha256(input)[(position % 256) >> 3] ?? 0
    return ((byte >> (position % 8)) & 1) === 1
  }
  const swapOrNot = (round: number, position: number): number => {
    const pivot = pivots[round] ?? 0
    const partner = (pivot + size - position) % size
    return isSwapped(round, Math.max(position, partner)) ? partner : position
  }
  const checked = (value: number): number => {
    if (Number.isInteger(value) && value >= 0 && value < size) return value
    throw new RangeError(`0 to ${size - 1} is allowed in this cohort, ${value} came`)
  }

  return {
    size,
    position(index) {
      let position = checked(index)
      for (let round = 0; round < DRAW_ROUNDS; round++) position = swapOrNot(round, position)
      return position
    },
    indexAt(position) {
      let index = checked(position)
      for (let round = DRAW_ROUNDS - 1; round >= 0; round--) index = swapOrNot(round, index)
      return index
    },
  }
}

/** The round's pivot: the first 8 bytes of SHA-256(seed, round), little-endian, modulo the size. */
function pivotOf(seed: Uint8Array, round: number, size: number): number {
  const input = new Uint8Array(33)
  input.set(seed)
  input[32] = round
  const hash = sha256(input)
  const view = new DataView(hash.buffer, hash.byteOffset)
  return Number(view.getBigUint64(0, true) % BigInt(size))
}
