/** Chance from a seed: the same seed gives the same rehearsal, to the last byte. */

/** 0 (included) .. 1 (excluded), a fresh one each time. */
export type Chance = () => number

/** A stream of its own for each name, so that one part of the model drawing more shifts no other. */
export function createChance(seed: number, name: string): Chance {
  let hash = 0x811c9dc5 ^ seed
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  let [a, b, c, d] = [hash | 0, seed | 0, 0x9e3779b9 | 0, 1]
  // sfc32 (PractRand): small, fast and of good quality; the first outputs mix the seed.
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 15; round++) next()
  return next
}

/** Lognormal around a median. @param sigma of the logarithm: 0.3 is a modest spread. */
export function lognormal(chance: Chance, median: number, sigma: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance()))
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * chance()))
}

export function between(chance: Chance, min: number, max: number): number {
  return min + (max - min) * chance()
}
