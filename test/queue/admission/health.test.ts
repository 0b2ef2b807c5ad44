import { describe, expect, it } from 'vitest'
import { afterReport, healthShare, withHealth } from '../../../lib/queue/admission/health.ts'
import { HEALTH_REPORT_SECONDS } from '../../../lib/queue/limits.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { OPENS_MS, openState, roomConfig } from '../rooms.ts'

const HOLD_MS = 10_000
const config = roomConfig({ health: { latencyMs: 1_000, errorRate: 0.1, floorPercent: 10 } })
const state = openState(5)
const good = { latencyMs: 1_000, errorRate: 0.1 }
const bad = { latencyMs: 1_001, errorRate: 0 }

/** The shares after ticks at these times. */
function shares(from: RoomState, times: readonly number[]): number[] {
  let now = from
  return times.map(atMs => {
    now = withHealth({ config, state: now }, atMs)
    return healthShare(now)
  })
}
const holds = (count: number, fromMs = OPENS_MS) =>
  Array.from({ length: count }, (_, n) => fromMs + n * HOLD_MS)

describe('a report', () => {
  it('is bad beyond either bound, and good at both', () => {
    const isBad = (latencyMs: number, errorRate: number) =>
      afterReport({ config, state }, { latencyMs, errorRate }, OPENS_MS).health?.isBad
    expect(isBad(1_000, 0.1)).toBe(false)
    expect(isBad(1_000.1, 0.1)).toBe(true)
    expect(isBad(1_000, 0.1001)).toBe(true)
    expect(isBad(0, 0)).toBe(false)
  })

  it('alone slows nothing down: a tick draws the conclusions', () => {
    expect(healthShare(afterReport({ config, state }, bad, OPENS_MS))).toBe(1)
  })

  it('that is good keeps the share where the bad ones brought it', () => {
    const slowed = withHealth(
      { config, state: afterReport({ config, state }, bad, OPENS_MS) },
      OPENS_MS,
    )
    expect(afterReport({ config, state: slowed }, good, OPENS_MS + 1).health).toEqual({
      share: 0.5,
      changedAtMs: OPENS_MS,
      isBad: false,
      reportedAtMs: OPENS_MS + 1,
    })
  })
})

describe('admission', () => {
  it('is untouched, state and all, while nobody reports or every report is good', () => {
    expect(withHealth({ config, state }, OPENS_MS)).toBe(state)
    const fine = afterReport({ config, state }, good, OPENS_MS)
    expect(withHealth({ config, state: fine }, OPENS_MS + HOLD_MS)).toBe(fine)
  })

  it('is halved each hold while the showroom suffers, down to the floor and not below', () => {
    let now = state
    const seen = holds(6).map(atMs => {
      now = withHealth({ config, state: afterReport({ config, state: now }, bad, atMs) }, atMs)
      return healthShare(now)
    })
    expect(seen).toEqual([0.5, 0.25, 0.125, 0.1, 0.1, 0.1])
  })

  it('takes one step a hold, however often it is told, and the next exactly at its end', () => {
    const suffering = afterReport({ config, state }, bad, OPENS_MS)
    const times = [0, 1, HOLD_MS - 1, HOLD_MS, HOLD_MS + 1].map(ms => OPENS_MS + ms)
    expect(shares(suffering, times)).toEqual([0.5, 0.5, 0.5, 0.25, 0.25])
  })

  it('grows by a tenth of the rate each hold once all is well, up to the whole', () => {
    const slowed = withHealth(
      { config, state: afterReport({ config, state }, bad, OPENS_MS) },
      OPENS_MS,
    )
    const well = afterReport({ config, state: slowed }, good, OPENS_MS + 1)
    const seen = shares(well, holds(7, OPENS_MS + HOLD_MS))
    expect(seen).toEqual([0.6, 0.7, 0.8, 0.9, 1, 1, 1])
  })

  it('takes silence for no news of trouble: a report counts for a minute', () => {
    const told = afterReport({ config, state }, bad, OPENS_MS)
    const endsMs = OPENS_MS + HEALTH_REPORT_SECONDS * 1000
    expect(healthShare(withHealth({ config, state: told }, endsMs - 1))).toBe(0.5)
    expect(withHealth({ config, state: told }, endsMs)).toBe(told)
  })

  it('is slowed by an alarm until it is taken back, however long that is', () => {
    const alarmed = afterReport({ config, state }, { alarm: true }, OPENS_MS)
    const anHour = OPENS_MS + 3_600_000
    expect(healthShare(withHealth({ config, state: alarmed }, anHour))).toBe(0.5)
    const over = afterReport({ config, state: alarmed }, { alarm: false }, anHour)
    expect(withHealth({ config, state: over }, anHour + HOLD_MS)).toBe(over)
  })

  it('may be slowed to a thousandth by a floor of 0 percent, and comes back from there', () => {
    const free = roomConfig({ health: { floorPercent: 0, holdSeconds: 1 } })
    let now = afterReport({ config: free, state }, { alarm: true }, OPENS_MS)
    for (let second = 0; second < 20; second++)
      now = withHealth({ config: free, state: now }, OPENS_MS + second * 1000)
    expect(healthShare(now)).toBe(0.001)
    now = afterReport({ config: free, state: now }, { alarm: false }, OPENS_MS)
    expect(healthShare(withHealth({ config: free, state: now }, OPENS_MS + 60_000))).toBe(0.101)
  })

  it('is never slowed by a floor of 100 percent', () => {
    const stiff = roomConfig({ health: { floorPercent: 100 } })
    const alarmed = afterReport({ config: stiff, state }, { alarm: true }, OPENS_MS)
    expect(withHealth({ config: stiff, state: alarmed }, OPENS_MS)).toBe(alarmed)
  })
})
