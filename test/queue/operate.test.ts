import { describe, expect, it } from 'vitest'
import { ACTIONS, act } from '../../lib/queue/operate.ts'
import { MADE_MS, OPENS_MS, openState, roomConfig, roomState, time } from './rooms.ts'

const config = roomConfig()
const NOW_MS = OPENS_MS + 1_000

describe('what an operator does', () => {
  it('open: opens the sale now, whatever its schedule says', () => {
    for (const opensAt of [time(OPENS_MS), null]) {
      const state = act(roomState(), roomConfig({ opensAt }), 'open', MADE_MS + 5)
      expect(state).toEqual(
        roomState({ openedAtMs: MADE_MS + 5, nextBatchAtMs: MADE_MS + 5, sleepsAtMs: null }),
      )
    }
  })

  it('open: ends a pause, and never opens twice', () => {
    const paused = openState(5, { pausedAtMs: OPENS_MS })
    const state = act(paused, config, 'open', NOW_MS)
    expect(state).toMatchObject({ openedAtMs: OPENS_MS, pausedAtMs: null })
    expect(act(state, config, 'open', NOW_MS + 1)).toBe(state)
  })

  it('open: never before the making of the room, though a clock is behind', () => {
    expect(act(roomState(), config, 'open', MADE_MS - 1).openedAtMs).toBe(MADE_MS)
  })

  it('pause: stops the sale, or holds its opening, and is not prolonged by another', () => {
    for (const state of [roomState(), openState(5)]) {
      const paused = act(state, config, 'pause', NOW_MS)
      expect(paused).toEqual({ ...state, pausedAtMs: NOW_MS })
      expect(act(paused, config, 'pause', NOW_MS + 1)).toBe(paused)
    }
  })

  it('resume: opens a sale whose time came during the pause', () => {
    const held = roomState({ pausedAtMs: MADE_MS })
    expect(act(held, config, 'resume', OPENS_MS - 1)).toEqual(roomState())
    expect(act(held, config, 'resume', OPENS_MS).openedAtMs).toBe(OPENS_MS)
    expect(act(held, config, 'resume', OPENS_MS + 60_000).openedAtMs).toBe(OPENS_MS + 60_000)
  })

  it('resume: without a pause changes nothing', () => {
    const state = openState(5)
    expect(act(state, config, 'resume', NOW_MS)).toBe(state)
  })

  it('resume: keeps a batch that is still ahead, and takes one that was due as due now', () => {
    const resumed = (nextBatchAtMs: number) =>
      act(openState(5, { pausedAtMs: OPENS_MS, nextBatchAtMs }), config, 'resume', NOW_MS)
    expect(resumed(NOW_MS + 500).nextBatchAtMs).toBe(NOW_MS + 500)
    expect(resumed(OPENS_MS).nextBatchAtMs).toBe(NOW_MS)
  })

  it('end: ends the sale for good', () => {
    const ended = act(openState(5), config, 'end', NOW_MS)
    expect(ended.endedAtMs).toBe(NOW_MS)
    expect(act(ended, config, 'end', NOW_MS + 1)).toBe(ended)
  })

  it('nothing else after the end, by hand or by the clock', () => {
    const over = roomConfig({ closesAt: time(NOW_MS) })
    for (const action of ACTIONS.filter(name => name !== 'end')) {
      const error = expect.objectContaining({ code: 'room-ended', status: 409 })
      expect(() => act(openState(5, { endedAtMs: 1 }), config, action, NOW_MS)).toThrow(error)
      expect(() => act(openState(5), over, action, NOW_MS)).toThrow(error)
    }
    expect(act(openState(5), over, 'pause', NOW_MS - 1).pausedAtMs).toBe(NOW_MS - 1)
  })
})
