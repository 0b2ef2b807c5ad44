/** The law of the pace: in any minute no more people enter than the rates in force allowed, and one batch of places. */
import { healthShare } from '../../../lib/queue/admission/health.ts'
import { batchPlaces } from '../../../lib/queue/admission/policies.ts'
import { CLOCK_SKEW_SECONDS } from '../../../lib/queue/limits.ts'
import { type RoomConfig, rateAt } from '../../../lib/queue/room/config.ts'
import { EPOCH_MS } from '../../../lib/rehearsal/cloud/instances.ts'
import type { Truth, Version } from '../truth.ts'
import { type Law, must } from './law.ts'

const MINUTE_MS = 60_000
/** Two instances whose clocks differ by this much may together take a minute for so much longer. */
const STRETCH_MS = CLOCK_SKEW_SECONDS * 1_000

export function paceLaw(truth: Truth): Law {
  const entries: { readonly atMs: number; readonly count: number }[] = []

  return {
    house(before, after) {
      const count = after.entered - before.entered
      if (count <= 0) return
      const nowMs = truth.nowMs()
      entries.push({ atMs: nowMs, count })
      const fromMs = nowMs - MINUTE_MS
      let entered = 0
      for (const entry of entries) if (entry.atMs > fromMs) entered += entry.count
      // The limit of now was set by a tick that saw the minute before it.
      const sinceMs = Math.min(nowMs, truth.limitReadAtMs) - MINUTE_MS - STRETCH_MS
      const { allowed, batch } = allowedSince(sinceMs, nowMs)
      if (entered <= allowed + batch) return
      const byHand = truth.byHand
        .filter(({ atMs }) => atMs > sinceMs)
        .reduce((sum, { places }) => sum + places, 0)
      must(
        'pace',
        entered <= allowed + batch + byHand,
        () =>
          `${entered} entered within a minute; the rates allowed ${allowed.toFixed(1)}, a batch is ${batch}, by hand came ${byHand}`,
      )
    },
  }

  /** Second by second, the highest rate that any clock could see in it. */
  function allowedSince(fromMs: number, toMs: number): { allowed: number; batch: number } {
    let [allowed, batch] = [0, 1]
    const known = truth.since(fromMs - STRETCH_MS)
    // A batch has as many places more as people are likely not to come.
    const showUp = Math.min(1, ...known.map(({ state }) => state.booking?.showUp ?? 1))
    const versions = changesOf(known)
    for (let atMs = fromMs; atMs < toMs; atMs += 1_000) {
      let highest = 0
      for (const [index, { fromMs: beganMs, config, state }] of versions.entries()) {
        const endedMs = versions[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY
        if (beganMs > atMs + 1_000 + STRETCH_MS || endedMs < atMs - STRETCH_MS) continue
        const rate = highestRate(config, atMs) * healthShare(state)
        highest = Math.max(highest, rate)
        batch = Math.max(batch, Math.ceil(batchPlaces(config, rate) / showUp))
      }
      allowed += (highest * Math.min(1_000, toMs - atMs)) / MINUTE_MS
    }
    return { allowed, batch }
  }
}

/** What any clock might see in this second. */
function highestRate(config: RoomConfig, atMs: number): number {
  if (config.ratePlan.length === 0) return config.ratePerMinute
  const times = [atMs - STRETCH_MS, atMs, atMs + 1_000 + STRETCH_MS]
  return Math.max(...times.map(time => rateAt(config, EPOCH_MS + time)))
}

/** Only those versions that changed the rate. */
function changesOf(versions: readonly Version[]): Version[] {
  return versions.filter((version, index) => {
    const before = versions[index - 1]
    if (before === undefined) return true
    return (
      before.config !== version.config || healthShare(before.state) !== healthShare(version.state)
    )
  })
}
