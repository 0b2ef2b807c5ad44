import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFreshKeys, KEYS_FRESH_MS, KEYS_RETRY_MS } from '../../lib/keys/fresh-keys.ts'

const one = JSON.stringify({ current: 'k1', k1: 'a'.repeat(48) })
const two = JSON.stringify({ current: 'k1', k1: 'a'.repeat(48), k2: 'b'.repeat(48) })

const errors = vi.spyOn(console, 'error')
beforeEach(() => void errors.mockImplementation(() => {}))
afterEach(() => void errors.mockReset())

async function started() {
  let nowMs = 0
  let secret = one
  let failing = false
  const read = vi.fn(async () => {
    if (failing) throw new Error('away')
    return secret
  })
  const keys = await createFreshKeys(read, () => nowMs)
  return {
    keys,
    read,
    pass: (ms: number) => {
      nowMs += ms
    },
    change: (text: string) => {
      secret = text
    },
    fail: (isFailing: boolean) => {
      failing = isFailing
    },
  }
}
const idsOf = (keys: Awaited<ReturnType<typeof started>>['keys']) =>
  keys.ring.ticketKeys.map(({ id }) => id)

describe('keys of a running instance', () => {
  test('failure mode 30: are read again after five minutes, and whoever holds them has the new ones', async () => {
    const { keys, read, pass, change } = await started()
    change(two)
    pass(KEYS_FRESH_MS - 1)
    await keys.refresh()
    expect([read.mock.calls.length, idsOf(keys)]).toEqual([1, ['k1']])
    pass(1)
    await keys.refresh()
    expect([read.mock.calls.length, idsOf(keys)]).toEqual([2, ['k1', 'k2']])
    expect(keys.ring.gateKeys('cars').map(({ id }) => id)).toEqual(['k1', 'k2'])
  })

  test('failure mode 47: are read once however many requests come', async () => {
    const { keys, read, pass } = await started()
    for (let request = 0; request < 100; request++) await keys.refresh()
    expect(read).toHaveBeenCalledTimes(1)
    pass(KEYS_FRESH_MS)
    await Promise.all(Array.from({ length: 100 }, () => keys.refresh()))
    expect(read).toHaveBeenCalledTimes(2)
  })

  test('go on as they were while the secret cannot be read, and are asked for again soon', async () => {
    const { keys, read, pass, change, fail } = await started()
    change(two)
    fail(true)
    pass(KEYS_FRESH_MS)
    await keys.refresh()
    expect([idsOf(keys), errors.mock.calls.length]).toEqual([['k1'], 1])
    fail(false)
    pass(KEYS_RETRY_MS - 1)
    await keys.refresh()
    expect(idsOf(keys)).toEqual(['k1'])
    pass(1)
    await keys.refresh()
    expect([idsOf(keys), read.mock.calls.length]).toEqual([['k1', 'k2'], 3])
  })

  test('go on as they were when the secret was spoiled, and nothing of it is logged', async () => {
    const { keys, pass, change } = await started()
    change('hunter2')
    pass(KEYS_FRESH_MS)
    await keys.refresh()
    expect(idsOf(keys)).toEqual(['k1'])
    expect(JSON.stringify(errors.mock.calls)).not.toContain('hunter2')
  })

  test('keep what was derived while the secret stays the same', async () => {
    const { keys, pass } = await started()
    const before = keys.ring.gateKeys('cars')
    pass(KEYS_FRESH_MS)
    await keys.refresh()
    expect(keys.ring.gateKeys('cars')).toBe(before)
  })

  test('a reading that never ends holds a request up for two seconds at most', async () => {
    vi.useFakeTimers()
    try {
      let nowMs = 0
      let calls = 0
      const read = () => (calls++ === 0 ? Promise.resolve(one) : new Promise<string>(() => {}))
      const keys = await createFreshKeys(read, () => nowMs)
      nowMs = KEYS_FRESH_MS
      const refreshed = keys.refresh()
      await vi.advanceTimersByTimeAsync(2_000)
      await refreshed
      expect(idsOf(keys)).toEqual(['k1'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('nothing starts without keys', async () => {
    const away = () => Promise.reject(new Error('away'))
    await expect(createFreshKeys(away, () => 0)).rejects.toThrow('away')
  })
})
