import { describe, expect, it } from 'vitest'
import { GROUP_COHORTS, MANUAL_PLACES } from '../../../lib/queue/limits.ts'
import { ACTIONS, act, letInByHand } from '../../../lib/queue/room/actions.ts'
import { newLine } from '../../../lib/queue/room/line.ts'
import { MADE_MS, OPENS_MS, openState, roomConfig, roomState, time } from '../rooms.ts'

const config = roomConfig()
const NOW_MS = OPENS_MS + 1_000

describe('what an operator does', () => {
  it('open: opens the sale now, whatever its schedule says', () => {
    for (const opensAt of [time(OPENS_MS), null]) {
      const state = act(
        { config: roomConfig({ opensAt }), state: roomState() },
        'open',
        MADE_MS + 5,
      )
      expect(state).toEqual(
        roomState({ openedAtMs: MADE_MS + 5, nextBatchAtMs: MADE_MS + 5, sleepsAtMs: null }),
      )
    }
  })

  it('open: ends a pause, and never opens twice', () => {
    const paused = openState(5, { pausedAtMs: OPENS_MS })
    const state = act({ config, state: paused }, 'open', NOW_MS)
    expect(state).toMatchObject({ openedAtMs: OPENS_MS, pausedAtMs: null })
    expect(act({ config, state }, 'open', NOW_MS + 1)).toBe(state)
  })

  it('open: never before the making of the room, though a clock is behind', () => {
    expect(act({ config, state: roomState() }, 'open', MADE_MS - 1).openedAtMs).toBe(MADE_MS)
  })

  it('pause: stops the sale, or holds its opening, and is not prolonged by another', () => {
    for (const state of [roomState(), openState(5)]) {
      const paused = act({ config, state }, 'pause', NOW_MS)
      expect(paused).toEqual({ ...state, pausedAtMs: NOW_MS })
      expect(act({ config, state: paused }, 'pause', NOW_MS + 1)).toBe(paused)
    }
  })

  it('resume: opens a sale whose time came during the pause', () => {
    const held = roomState({ pausedAtMs: MADE_MS })
    expect(act({ config, state: held }, 'resume', OPENS_MS - 1)).toEqual(roomState())
    expect(act({ config, state: held }, 'resume', OPENS_MS).openedAtMs).toBe(OPENS_MS)
    expect(act({ config, state: held }, 'resume', OPENS_MS + 60_000).openedAtMs).toBe(
      OPENS_MS + 60_000,
    )
  })

  it('resume: without a pause changes nothing', () => {
    const state = openState(5)
    expect(act({ config, state }, 'resume', NOW_MS)).toBe(state)
  })

  it('resume: keeps a batch that is still ahead, and takes one that was due as due now', () => {
    const resumed = (nextBatchAtMs: number) =>
      act(
        { config, state: openState(5, { pausedAtMs: OPENS_MS, nextBatchAtMs }) },
        'resume',
        NOW_MS,
      )
    expect(resumed(NOW_MS + 500).nextBatchAtMs).toBe(NOW_MS + 500)
    expect(resumed(OPENS_MS).nextBatchAtMs).toBe(NOW_MS)
  })

  it('end: ends the sale for good', () => {
    const ended = act({ config, state: openState(5) }, 'end', NOW_MS)
    expect(ended.endedAtMs).toBe(NOW_MS)
    expect(act({ config, state: ended }, 'end', NOW_MS + 1)).toBe(ended)
  })

  it('resume: after a sell-out in the pause, holds the turns up for as long as they stood still', () => {
    const batches = [{ to: 5, atMs: OPENS_MS }]
    const stood = { ...openState(5, { front: 5, batches }), soldOutAtMs: OPENS_MS + 100 }
    const paused = { ...stood, pausedAtMs: OPENS_MS + 400 }
    const state = act({ config, state: paused }, 'resume', NOW_MS)
    expect(state.batches).toEqual([{ to: 5, atMs: OPENS_MS, heldMs: 900 }])
    // From now on it is the missing stock alone that holds them up.
    expect(state).toMatchObject({ pausedAtMs: null, soldOutAtMs: NOW_MS })
  })

  it('open, pause and resume reach the lines of the groups too', () => {
    const vip = newLine(GROUP_COHORTS, MADE_MS)
    const opened = act({ config, state: roomState({ groups: { vip } }) }, 'open', NOW_MS)
    expect(opened.groups.vip).toEqual({ ...vip, nextBatchAtMs: NOW_MS })
    const batches = [{ to: 1, atMs: NOW_MS }]
    const running = { ...opened, groups: { vip: { ...vip, tail: 1, front: 1, batches } } }
    const paused = act({ config, state: running }, 'pause', NOW_MS)
    const resumed = act({ config, state: paused }, 'resume', NOW_MS + 300)
    expect(resumed.groups.vip?.batches).toEqual([{ to: 1, atMs: NOW_MS, heldMs: 300 }])
  })

  it('nothing else after the end, by hand or by the clock', () => {
    const over = roomConfig({ closesAt: time(NOW_MS) })
    for (const action of ACTIONS.filter(name => name !== 'end')) {
      const error = expect.objectContaining({ code: 'room-ended', status: 409 })
      expect(() => act({ config, state: openState(5, { endedAtMs: 1 }) }, action, NOW_MS)).toThrow(
        error,
      )
      expect(() => act({ config: over, state: openState(5) }, action, NOW_MS)).toThrow(error)
    }
    expect(act({ config: over, state: openState(5) }, 'pause', NOW_MS - 1).pausedAtMs).toBe(
      NOW_MS - 1,
    )
  })
})

describe('letting in by hand', () => {
  it('owes the places until somebody takes them, those owed before included', () => {
    const state = letInByHand({ config, state: openState(5) }, 3, NOW_MS)
    expect(state).toEqual(openState(5, { manual: 3 }))
    expect(letInByHand({ config, state }, 4, NOW_MS).manual).toBe(7)
  })

  it('is refused when more would be owed than is allowed, at the bound', () => {
    const owing = openState(5, { manual: MANUAL_PLACES.max - 1 })
    expect(letInByHand({ config, state: owing }, 1, NOW_MS).manual).toBe(MANUAL_PLACES.max)
    expect(() => letInByHand({ config, state: owing }, 2, NOW_MS)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: 'places: 2 came with 99999 owed, together at most 100000 are allowed',
      }),
    )
  })

  it('is over with the sale', () => {
    const error = expect.objectContaining({ code: 'room-ended' })
    expect(() => letInByHand({ config, state: openState(5, { endedAtMs: 1 }) }, 1, NOW_MS)).toThrow(
      error,
    )
  })
})
