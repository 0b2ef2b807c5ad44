/** When a page's own clock really rings: phones sleep, and browsers slow hidden pages down. */
import { between, type Chance } from '../time/chance.ts'
import { KIND } from './kinds.ts'

/** A sleeping phone is looked at for a while, and put away for longer. Assumed. */
const AWAKE_MS = { min: 20_000, max: 120_000 }
const ASLEEP_MS = { min: 30_000, max: 300_000 }
/** A visitor who hides the page does so this long after it came. Assumed. */
const HIDES_MS = 10_000
/**
 * Chromium lets a hidden page's timers ring on whole seconds. After five minutes it would be whole
 * minutes for timers that set each other; those of our page are set out of answers
 * (https://developer.chrome.com/blog/timer-throttling-in-chrome-88).
 */
const HIDDEN_STEP_MS = 1_000
/** Keeps neighbours in the list of visitors apart. */
const SCATTER = 7_919

export interface Attention {
  /** When a timer rings that was set for this time. */
  ringsMs(visitor: number, atMs: number): number
}

export function createAttention(kind: Uint8Array, arriveMs: Int32Array, chance: Chance): Attention {
  const sleepers = new Map<number, { awakeMs: number; cycleMs: number }>()
  for (let visitor = 0; visitor < kind.length; visitor++) {
    if (((kind[visitor] ?? 0) & KIND.sleeper) === 0) continue
    const awakeMs = Math.round(between(chance, AWAKE_MS.min, AWAKE_MS.max))
    const cycleMs = awakeMs + Math.round(between(chance, ASLEEP_MS.min, ASLEEP_MS.max))
    sleepers.set(visitor, { awakeMs, cycleMs })
  }
  return {
    ringsMs(visitor, atMs) {
      const own = kind[visitor] ?? 0
      if ((own & (KIND.hidden | KIND.sleeper)) === 0) return atMs
      const sinceMs = atMs - (arriveMs[visitor] ?? 0)
      let rings = atMs
      if ((own & KIND.hidden) !== 0 && sinceMs > HIDES_MS) {
        const offsetMs = (visitor * SCATTER) % HIDDEN_STEP_MS
        rings = Math.ceil((atMs - offsetMs) / HIDDEN_STEP_MS) * HIDDEN_STEP_MS + offsetMs
      }
      const rhythm = sleepers.get(visitor)
      if (rhythm === undefined) return rings
      const inCycleMs = (rings - (arriveMs[visitor] ?? 0)) % rhythm.cycleMs
      return inCycleMs < rhythm.awakeMs ? rings : rings + rhythm.cycleMs - inCycleMs
    },
  }
}
