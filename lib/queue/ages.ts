/** How soon people come: from the ages of turns at which they did (`House.ages`). */
import { AGE_SECONDS, AGES_MIN } from './limits.ts'

/** On average, each in the middle of its class; 0 while too few have come. */
export function meanAgeSeconds(ages: readonly number[], turnSeconds: number): number {
  let [total, seconds] = [0, 0]
  for (const { count, fromSeconds, toSeconds } of ageClasses(ages, turnSeconds)) {
    total += count
    seconds += (count * (fromSeconds + toSeconds)) / 2
  }
  return total < AGES_MIN ? 0 : seconds / total
}

/** The share of those who come that has come by an age, between the measured points in a line. */
export function ageCurve(ages: readonly number[], turnSeconds: number): (ageMs: number) => number {
  const classes = ageClasses(ages, turnSeconds)
  const total = classes.reduce((sum, { count }) => sum + count, 0)
  if (total < AGES_MIN) return () => 0
  return ageMs => {
    const age = ageMs / 1000
    let came = 0
    for (const { count, fromSeconds, toSeconds } of classes) {
      if (age < toSeconds) {
        const part = Math.max(0, age - fromSeconds) / (toSeconds - fromSeconds)
        return (came + count * part) / total
      }
      came += count
    }
    return came / total
  }
}

/** How many came at which age of their turn. Nobody's turn is older than turns are long. */
function ageClasses(ages: readonly number[], turnSeconds: number) {
  const bounds = [0, ...AGE_SECONDS, Number.POSITIVE_INFINITY]
  return bounds.slice(0, -1).map((fromSeconds, index) => ({
    count: Math.max(0, ages[index] ?? 0),
    fromSeconds: Math.min(fromSeconds, turnSeconds),
    toSeconds: Math.min(bounds[index + 1] ?? turnSeconds, turnSeconds),
  }))
}
