import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRoomPath, roomPath } from '../../../lib/queue/address/room-path.ts'
import { GROUP_COHORTS } from '../../../lib/queue/limits.ts'
import { groupRoom, lineNumber, withGroupLines } from '../../../lib/queue/room/groups.ts'
import { newLine } from '../../../lib/queue/room/line.ts'
import { MADE_MS, OPENS_MS, openState, room, roomConfig, roomState } from '../rooms.ts'

const groups = (...names: string[]) => names.map(name => ({ name, sharePercent: 10 }))
const config = (...names: string[]) => roomConfig({ groups: groups(...names) })

describe("a room's path", () => {
  it('names the room, and the group behind a tilde', () => {
    expect(parseRoomPath('demo')).toEqual({ id: 'demo', group: undefined })
    expect(parseRoomPath('demo~vip')).toEqual({ id: 'demo', group: 'vip' })
    expect(parseRoomPath('demo~')).toEqual({ id: 'demo', group: '' })
    expect(parseRoomPath('demo~a~b')).toEqual({ id: 'demo', group: 'a~b' })
  })

  it('is read as it was written', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?$/)
    fc.assert(
      fc.property(name, fc.option(name, { nil: undefined }), (id, group) => {
        expect(parseRoomPath(roomPath(id, group))).toEqual({ id, group })
      }),
    )
  })
})

describe('the lines of groups', () => {
  it('are made once for each group, empty, with cohorts of their own', () => {
    const state = withGroupLines({ config: config('vip', 'press'), state: roomState() }, MADE_MS)
    expect(state.groups).toEqual({
      vip: newLine(GROUP_COHORTS, MADE_MS),
      press: newLine(2 * GROUP_COHORTS, MADE_MS),
    })
    expect(withGroupLines({ config: config('vip', 'press'), state }, OPENS_MS)).toBe(state)
    expect(withGroupLines({ config: roomConfig(), state }, OPENS_MS)).toBe(state)
  })

  it('let their first batch in at once where the sale is open already', () => {
    const state = withGroupLines({ config: config('vip'), state: openState(5) }, OPENS_MS + 500)
    expect(state.groups.vip).toMatchObject({
      nextBatchAtMs: OPENS_MS + 500,
      cohortOpenedAtMs: OPENS_MS + 500,
    })
  })

  it('never share a cohort, whatever groups come, go and come back', () => {
    const names = fc.subarray(['a', 'b', 'c', 'd', 'e'], { maxLength: 3 })
    fc.assert(
      fc.property(fc.array(names, { maxLength: 9 }), edits => {
        let state = roomState()
        for (const edit of edits)
          state = withGroupLines({ config: config(...edit), state }, MADE_MS)
        const first = Object.values(state.groups).map(line => line.firstCohort)
        expect(new Set([0, ...first]).size).toBe(first.length + 1)
        expect(first.every(cohort => cohort % GROUP_COHORTS === 0)).toBe(true)
      }),
    )
  })

  it('have the number that their cohorts begin with', () => {
    const around = [GROUP_COHORTS - 1, GROUP_COHORTS, 2 * GROUP_COHORTS - 1, 2 * GROUP_COHORTS]
    expect([0, ...around].map(lineNumber)).toEqual([0, 0, 1, 1, 2])
  })
})

describe('the room as a group sees it', () => {
  const vip = { ...newLine(GROUP_COHORTS, MADE_MS), front: 2, tail: 3 }
  const whole = room({ groups: groups('vip') }, openState(50, { groups: { vip } }))

  it('has its line in the place of the main one, and everything else as it is', () => {
    const seen = groupRoom(whole, 'vip')
    expect(seen).toEqual({ ...whole, group: 'vip', state: { ...whole.state, ...vip } })
    expect(seen?.state.openedAtMs).toBe(OPENS_MS)
  })

  it.each(['press', '', 'toString', '__proto__', 'constructor'])('is none for %j', name => {
    expect(groupRoom(whole, name)).toBeUndefined()
  })
})
