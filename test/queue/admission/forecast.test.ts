/** Who is still to come. */
import { expect, test } from 'vitest'
import { forecastOf } from '../../../lib/queue/admission/forecast.ts'
import { EMPTY_HOUSE, type House } from '../../../lib/queue/house/house.ts'
import { turnSlot } from '../../../lib/queue/house/slots.ts'
import { OPENS_MS, openState, roomConfig } from '../rooms.ts'

const config = roomConfig({ turnSeconds: 600 })
const MINUTE_MS = 60_000

/** A hundred places let in at the opening, of whom so many came, most of them soon. */
function after(elapsedMs: number, came: number, more: Partial<House> = {}) {
  const state = openState(1_000, { front: 100, batches: [{ to: 100, atMs: OPENS_MS }] })
  const byTurn = new Map([[turnSlot(OPENS_MS, config.turnSeconds), came]])
  const house = { ...EMPTY_HOUSE, entered: came, byTurn, ageClasses: [came], ...more }
  return forecastOf({ config, state }, house, OPENS_MS + elapsedMs)
}

test('how many use their turn is guessed for the rate when turns are a minute old, not before', () => {
  expect(after(MINUTE_MS - 1, 70).earlyGuess).toBeNull()
  expect(after(MINUTE_MS, 70)).toMatchObject({ earlyGuess: { showUp: 0.7 }, showUp: null })
  expect(after(MINUTE_MS, 70).expected).toBe(30)
})

test('no guess doubles the places more than once', () => {
  expect(after(MINUTE_MS, 20).earlyGuess).toMatchObject({ showUp: 0.5 })
})

test('those on hold are expected', () => {
  const held = { held: new Map([[8, 12]]) }
  expect(after(MINUTE_MS, 70, held).expectedSoon).toBe(12)
})

test('nobody is expected to come after the end of the turn, however wide the last class of ages is', () => {
  const short = roomConfig({ turnSeconds: 400 })
  const state = openState(1_000, { front: 100, batches: [{ to: 100, atMs: OPENS_MS }] })
  const measured = { ...state, showUp: { turns: 100, used: 100 } }
  const byTurn = new Map([[turnSlot(OPENS_MS, 400), 0]])
  // All in the class of 300 to 900 seconds: within a turn of 400 that is 300 to 400.
  const ages = [...Array(11).fill(0), 30]
  const dueAt = (seconds: number) =>
    forecastOf(
      { config: short, state: measured },
      { ...EMPTY_HOUSE, byTurn, ageClasses: ages },
      OPENS_MS + seconds * 1_000,
    ).expectedSoon
  expect([299, 300, 350, 399].map(at => Math.round(dueAt(at)))).toEqual([100, 100, 50, 1])
})
