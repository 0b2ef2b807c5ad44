import { describe, expect, it } from 'vitest'
import { bucketStartMs, bucketsFromMs, insideOf, openTurnsOf } from '../../lib/queue/counts.ts'
import { act } from '../../lib/queue/operate.ts'
import { OPENS_MS, openState, roomConfig } from './rooms.ts'

const BUCKET_MS = 15_000

function bucket(
  startsAtMs: number,
  entered: number,
  left = 0,
  byTurn: [number, number][] = [[startsAtMs, entered]],
) {
  return { startsAtMs, entered, left, bought: 0, byTurn: new Map(byTurn) }
}

describe('people inside', () => {
  const config = roomConfig({ sessionSeconds: 900 })
  const inside = (nowMs: number) => insideOf([bucket(OPENS_MS, 10, 3)], config, nowMs)

  it('are those who entered and have not left', () => {
    const buckets = [bucket(OPENS_MS, 10, 3), bucket(OPENS_MS + BUCKET_MS, 5, 5)]
    expect(insideOf(buckets, config, OPENS_MS + 20_000)).toBe(7)
    expect(insideOf([], config, OPENS_MS)).toBe(0)
  })

  it('are counted until the last of their bucket must be gone, not a millisecond longer', () => {
    const endsMs = OPENS_MS + BUCKET_MS + 900_000
    expect(inside(endsMs - 1)).toBe(7)
    expect(inside(endsMs)).toBe(0)
  })
})

describe('buckets', () => {
  it('start each 15 seconds', () => {
    expect([0, 14_999, 15_000].map(bucketStartMs)).toEqual([0, 0, 15_000])
  })

  it('are read as far back as a session or a turn may reach', () => {
    const from = (input: Record<string, unknown>) => bucketsFromMs(roomConfig(input), OPENS_MS)
    expect(from({ sessionSeconds: 900, turnSeconds: 60 })).toBe(OPENS_MS - 915_000)
    expect(from({ sessionSeconds: 60, turnSeconds: 900 })).toBe(OPENS_MS - 915_000)
  })
})

describe('open turns', () => {
  const batches = [
    { to: 20, atMs: OPENS_MS },
    { to: 40, atMs: OPENS_MS + 2_000 },
  ]

  it('are the places let in, less those who walked in', () => {
    const state = openState(100, { front: 40, batches })
    expect(openTurnsOf(state, [])).toBe(40)
    expect(openTurnsOf(state, [bucket(OPENS_MS, 15)])).toBe(25)
    expect(openTurnsOf(state, [bucket(OPENS_MS, 15), bucket(OPENS_MS + BUCKET_MS, 3)])).toBe(22)
  })

  it('do not hold the seats of spent turns, and are rather too many than too few', () => {
    // Places 1 to 20 are spent; their bucket holds entries of running turns too.
    const state = openState(100, { front: 40, batchesFrom: 20, batches: batches.slice(1) })
    expect(openTurnsOf(state, [bucket(OPENS_MS, 30)])).toBe(20)
    const later = [bucket(OPENS_MS + BUCKET_MS, 5, 0, [[OPENS_MS + BUCKET_MS, 5]])]
    expect(openTurnsOf(state, later)).toBe(15)
  })

  it('failure mode 23: are not lessened by those who entered in a sale before this one', () => {
    const state = openState(100, { front: 40, batches })
    const earlier = bucket(OPENS_MS - 600_000, 30)
    expect(openTurnsOf(state, [earlier, bucket(OPENS_MS, 15)])).toBe(25)
  })

  it('are still lessened by those who entered before a pause', () => {
    const state = openState(100, { front: 40, batchesFrom: 10, batches })
    const entered = [bucket(OPENS_MS + BUCKET_MS, 15)]
    const later = { ...state, batches: [{ to: 40, atMs: OPENS_MS }] }
    const paused = act(later, roomConfig(), 'pause', OPENS_MS + 60_000)
    const resumed = act(paused, roomConfig(), 'resume', OPENS_MS + 360_000)
    expect(openTurnsOf(resumed, entered)).toBe(openTurnsOf(later, entered))
  })

  it('are never less than none', () => {
    expect(
      openTurnsOf(openState(5, { front: 5, batches: [{ to: 5, atMs: OPENS_MS }] }), [
        bucket(OPENS_MS, 9),
      ]),
    ).toBe(0)
    expect(openTurnsOf(openState(5, { front: 5, batchesFrom: 5 }), [])).toBe(0)
  })
})
