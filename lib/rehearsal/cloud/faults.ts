/** What goes wrong in a rehearsal with `--faults all`, by the seed. */
import { between, type Chance, lognormal } from '../time/chance.ts'
import type { DatabaseFaults } from './database.ts'

export interface Faults extends DatabaseFaults {
  /** Clocks are up to this far apart. */
  readonly clockSpreadMs: number
  /** Times at which an instance of the visitors' function is killed. */
  readonly kills: readonly number[]
  /** After how many writes a new admit instance dies. */
  admitWrites(): number
  /**
   * When a message comes that is sent now: never for a lost one, several times for a doubled one.
   * @param delayMs that the queue was asked for; how precise it is, is not documented.
   */
  deliveries(nowMs: number, delayMs: number): number[]
}

/** A queue hands a delayed message over within this of its time. */
const QUEUE_LATE_MS = 2_000
/**
 * One without a delay reaches its function in about this time, one in a hundred in six times as
 * much. Others measured 16 ms, and 105 ms for one in a hundred
 * (https://bitesizedserverless.com/bite/serverless-messaging-latency-compared/).
 */
const QUEUE_MS = { median: 50, sigma: 0.8 }

export function noFaults(chance: Chance, duplicatesPercent: number): Faults {
  const comesMs = (nowMs: number, delayMs: number) =>
    nowMs +
    delayMs +
    (delayMs > 0
      ? chance() * chance() * QUEUE_LATE_MS
      : lognormal(chance, QUEUE_MS.median, QUEUE_MS.sigma))
  return {
    isRefused: () => false,
    slowness: () => 1,
    losesAnswer: () => false,
    clockSpreadMs: 0,
    kills: [],
    admitWrites: () => Number.POSITIVE_INFINITY,
    deliveries(nowMs, delayMs) {
      const copies = chance() * 100 < duplicatesPercent ? 2 : 1
      return Array.from({ length: copies }, () => comesMs(nowMs, delayMs))
    },
  }
}

/** @param fromMs the first arrival; faults begin within half a minute of it. */
export function allFaults(chance: Chance, shards: number, fromMs: number): Faults {
  const begin = () => fromMs + Math.floor(chance() * 30_000)
  const [shardMs, allMs, slowMs] = [begin(), begin(), begin()]
  const shard = `#SHARD#${Math.floor(chance() * shards)}`
  const during = (sinceMs: number, seconds: number, nowMs: number) =>
    nowMs >= sinceMs && nowMs < sinceMs + seconds * 1000
  const kills = Array.from({ length: 20 }, () => begin())
  return {
    isRefused: (key, nowMs) =>
      (during(shardMs, 20, nowMs) && key.endsWith(shard)) ||
      (during(allMs, 10, nowMs) && key.includes('#SHARD#')),
    slowness: nowMs => (during(slowMs, 10, nowMs) ? 100 : 1),
    losesAnswer: () => chance() < 0.02,
    clockSpreadMs: 3_000,
    kills: kills.sort((a, b) => a - b),
    admitWrites: () => (chance() < 0.5 ? Math.floor(between(chance, 1, 40)) : 400),
    deliveries(nowMs, delayMs) {
      const luck = chance()
      if (luck < 0.1) return []
      const lateMs = () => (chance() < 0.2 ? chance() * 15_000 : chance() * QUEUE_LATE_MS)
      return Array.from({ length: luck < 0.3 ? 2 : 1 }, () => nowMs + delayMs + lateMs())
    },
  }
}
