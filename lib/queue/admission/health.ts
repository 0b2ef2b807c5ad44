/**
 * Health: the showroom reports how it is, and admission slows down while it suffers: additive increase, multiplicative
 * decrease (Chiu and Jain, Computer Networks and ISDN Systems 17, 1989), one step each hold.
 */
import * as z from 'zod/mini'
import {
  HEALTH_DECREASE,
  HEALTH_ERROR_SHARE,
  HEALTH_INCREASE,
  HEALTH_LATENCY_MS,
  HEALTH_REPORT_SECONDS,
} from '../limits.ts'
import { anObject, numberBetween } from '../parse.ts'
import type { RoomNow, RoomState } from '../room/state.ts'

type Health = RoomState['health']

/** What a showroom, its load balancer or a probe measured over the last moments. */
const reportFields = {
  /** Milliseconds of an answer, by the percentile that the owner cares for. */
  latencyMs: numberBetween({ min: 0, max: HEALTH_LATENCY_MS.max }),
  /** 0 .. 1: the share of requests that failed. */
  errorRate: numberBetween(HEALTH_ERROR_SHARE),
}
export const healthReportSchema = z.strictObject(reportFields, anObject)
export type HealthReport = z.infer<typeof healthReportSchema>

/** An alarm went on or off. */
export interface AlarmWord {
  readonly alarm: boolean
  /** When it did, by the alarm's own clock: its words come late, again and out of order. @default now */
  readonly atMs?: number
}

/** The state after a report, or after an alarm went on or off. A tick draws the conclusions. */
export function afterReport(
  { config, state }: RoomNow,
  report: HealthReport | AlarmWord,
  nowMs: number,
): RoomState {
  const before: NonNullable<Health> = state.health ?? {
    share: 1,
    changedAtMs: 0,
    isBad: false,
    reportedAtMs: null,
  }
  if ('alarm' in report) {
    const lastMs = before.alarmAtMs ?? 0
    // A word without a time is an operator's. It counts as said now, and never as older than the last one.
    const alarmAtMs = report.atMs ?? Math.max(lastMs, nowMs)
    if (alarmAtMs < lastMs) return state
    return { ...state, health: { ...before, isBad: report.alarm, reportedAtMs: null, alarmAtMs } }
  }
  const { latencyMs, errorRate } = config.health
  const isBad = report.latencyMs > latencyMs || report.errorRate > errorRate
  return { ...state, health: { ...before, isBad, reportedAtMs: nowMs } }
}

/** The share of the rate that is let in: 0 .. 1. */
export function healthShare({ health }: Pick<RoomState, 'health'>): number {
  return health?.share ?? 1
}

/** One step down or up, at most one in each `holdSeconds`, so that the last one has had time to show. */
export function withHealth({ config, state }: RoomNow, nowMs: number): RoomState {
  const { health } = state
  if (health === null) return state
  const suffers = isSuffering(health, nowMs)
  if (!suffers && health.share === 1) return state
  if (nowMs - health.changedAtMs < config.health.holdSeconds * 1000) return state
  const floor = config.health.floorPercent / 100
  const changed = suffers
    ? Math.max(floor, health.share * HEALTH_DECREASE)
    : Math.min(1, health.share + HEALTH_INCREASE)
  const share = Math.round(changed * 1000) / 1000
  if (share === health.share) return state
  return { ...state, health: { ...health, share, changedAtMs: nowMs } }
}

/** Was the last word a bad one, and does it still count? An alarm counts until it is taken back. */
function isSuffering(health: NonNullable<Health>, nowMs: number): boolean {
  if (!health.isBad || health.reportedAtMs === null) return health.isBad
  return nowMs - health.reportedAtMs < HEALTH_REPORT_SECONDS * 1000
}
