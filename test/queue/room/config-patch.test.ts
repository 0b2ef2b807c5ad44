import { describe, expect, it } from 'vitest'
import { patchRoomConfig, withStockLeft } from '../../../lib/queue/room/config-input.ts'
import { complaint } from '../complaint.ts'
import { MADE_MS, roomConfig, time } from '../rooms.ts'

const config = roomConfig({ capacity: 5 })
const patch = (given: unknown, nowMs = MADE_MS) => patchRoomConfig(config, given, nowMs)

describe('a change to a running room', () => {
  it('touches nothing but what it names', () => {
    expect(patch({})).toEqual(config)
    const change = { ratePerMinute: 7, capacity: null, stock: 0, message: 'Sold.', mode: 'auto' }
    expect(patch(change)).toEqual({ ...config, ...change })
    expect(patch({ stock: undefined })).toEqual(config)
  })

  it('of one bound of the health leaves the others as they were', () => {
    expect(patch({ health: { latencyMs: 90 } }).health).toEqual({ ...config.health, latencyMs: 90 })
    expect(patch({ health: {} })).toEqual(config)
  })

  it('refuses what may not change while a sale runs, and what is wrong', () => {
    expect(complaint(() => patch({ turnSeconds: 60, stock: -1 }))).toBe(
      'stock: -1 came, a whole number from 0 to 100000000 is allowed; turnSeconds: no such field',
    )
    for (const name of ['showroomUrl', 'groups', 'sessionSeconds', 'stockLeftAt', 'epoch']) {
      expect(complaint(() => patch({ [name]: null }))).toBe(`${name}: no such field`)
    }
    for (const name of ['stockFactor', 'lateSharePercent']) {
      expect(complaint(() => patch({ [name]: 10 }))).toBe(`${name}: no such field`)
    }
    expect(complaint(() => patch(null))).toBe('body: null came, an object is allowed')
    expect(complaint(() => patch({ health: { latencyMs: 0, speed: 1 } }))).toBe(
      'health.latencyMs: 0 came, a whole number from 1 to 600000 is allowed; ' +
        'health.speed: no such field',
    )
  })

  it('refuses times that do not fit the others', () => {
    const closesAt = config.opensAt
    expect(complaint(() => patch({ closesAt }))).toMatch(/^closesAt: /)
  })

  it('refuses a closing that is past, but nothing else because of one that was set before', () => {
    const closing = { ...config, closesAt: time(MADE_MS + 7_200_000) }
    const nowMs = MADE_MS + 7_200_001
    expect(patchRoomConfig(closing, { ratePerMinute: 1 }, nowMs).ratePerMinute).toBe(1)
    expect(patchRoomConfig(closing, { closesAt: null }, nowMs).closesAt).toBeNull()
    const past = complaint(() => patchRoomConfig(closing, { closesAt: closing.closesAt }, nowMs))
    expect(past).toMatch(/^closesAt: .+ came, a time to come is allowed/)
  })

  it('refuses a plan that goes on after the closing, whichever of the two comes now', () => {
    const [closesMs, at] = [MADE_MS + 7_200_000, time(MADE_MS + 7_200_000)]
    const ratePlan = [{ at, ratePerMinute: 1 }]
    const late = (closesAt: string) =>
      `ratePlan.0.at: ${at} came, before closesAt (${closesAt}) is allowed`
    const [atOnce, later] = [time(closesMs), time(closesMs + 1)]
    const closing = (closesAt: string) => ({ ...config, closesAt })
    expect(complaint(() => patchRoomConfig(closing(atOnce), { ratePlan }, MADE_MS))).toBe(
      late(atOnce),
    )
    expect(patchRoomConfig(closing(later), { ratePlan }, MADE_MS).ratePlan).toEqual(ratePlan)
    const planned = { ...config, ratePlan }
    expect(complaint(() => patchRoomConfig(planned, { closesAt: atOnce }, MADE_MS))).toBe(
      late(atOnce),
    )
    expect(patchRoomConfig(planned, { closesAt: later }, MADE_MS).closesAt).toBe(later)
    expect(patchRoomConfig(planned, { closesAt: null }, MADE_MS).closesAt).toBeNull()
  })

  it('refuses nothing else because of a plan that was stored with such an entry', () => {
    const at = time(MADE_MS + 7_200_000)
    const stored = { ...config, closesAt: at, ratePlan: [{ at, ratePerMinute: 1 }] }
    expect(patchRoomConfig(stored, { ratePerMinute: 7 }, MADE_MS).ratePerMinute).toBe(7)
    expect(patchRoomConfig(stored, { ratePlan: [] }, MADE_MS).ratePlan).toEqual([])
  })

  it('counts a word about the stock as told now, and a new stock as telling nothing', () => {
    const stocked = { ...config, stock: 97, stockLeft: 40, stockLeftAt: time(MADE_MS - 1) }
    expect(patchRoomConfig(stocked, { stockLeft: 30 }, MADE_MS)).toEqual({
      ...stocked,
      stockLeft: 30,
      stockLeftAt: time(MADE_MS),
    })
    expect(patchRoomConfig(stocked, { stock: 200 }, MADE_MS)).toEqual({
      ...stocked,
      stock: 200,
      stockLeft: null,
    })
    expect(patchRoomConfig(stocked, { stock: 20, stockLeft: 20 }, MADE_MS).stockLeft).toBe(20)
    expect(patchRoomConfig(stocked, { stock: null }, MADE_MS).stockLeft).toBeNull()
    expect(patchRoomConfig(stocked, { message: 'Hello' }, MADE_MS).stockLeft).toBe(40)
  })

  it('refuses more left than there is, or something left of what is not counted', () => {
    const stocked = { ...config, stock: 97 }
    expect(patchRoomConfig(stocked, { stockLeft: 97 }, MADE_MS).stockLeft).toBe(97)
    expect(complaint(() => patchRoomConfig(stocked, { stockLeft: 98 }, MADE_MS))).toBe(
      'stockLeft: 98 came, at most the stock (97) is allowed',
    )
    expect(complaint(() => patch({ stockLeft: 1 }))).toBe(
      'stockLeft: 1 came without a stock, null is allowed',
    )
  })
})

describe('what a showroom says is left', () => {
  const stocked = { ...config, stock: 97 }
  const told = withStockLeft(stocked, 40, MADE_MS)

  it('counts from its own time on', () => {
    expect(told).toEqual({ ...stocked, stockLeft: 40, stockLeftAt: time(MADE_MS) })
  })

  it.each([
    ['older than the last word', MADE_MS - 1],
    ['as old as the last word', MADE_MS],
  ])('changes nothing when it is %s', (_, atMs) => {
    expect(withStockLeft(told, 50, atMs)).toBe(told)
  })

  it('replaces the last word when it is a millisecond newer', () => {
    expect(withStockLeft(told, 39, MADE_MS + 1)).toMatchObject({ stockLeft: 39, stock: 97 })
  })

  it('makes the stock grow when more is left than there ever was', () => {
    expect(withStockLeft(told, 98, MADE_MS + 1)).toMatchObject({ stockLeft: 98, stock: 98 })
  })

  it('is nothing where the stock is not counted', () => {
    expect(withStockLeft(config, 40, MADE_MS)).toBe(config)
  })
})
