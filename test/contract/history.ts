import { expect, test } from 'vitest'
import type { Contestant, MakeStore } from './harness.ts'
import { atOnce, freshRoom, NOW_MS } from './samples.ts'

/** Four of these are more than the 1 MB that DynamoDB puts into one page. */
const LARGE_FACT = 'x'.repeat(300_000)

export function historyContract(current: () => Contestant, makeStore: MakeStore): void {
  test('history comes newest first, with its facts', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.history(room, 10)).toEqual([])
    const minute = { atMs: NOW_MS, kind: 'minute', facts: { front: 3, phase: 'open', stock: null } }
    const paused = { atMs: NOW_MS + 5, kind: 'pause', facts: {} }
    await store.addHistory(room, paused)
    await store.addHistory(room, minute)
    expect(await store.history(room, 10)).toEqual([paused, minute])
  })

  test('one entry is kept for each time and kind', async () => {
    const { store } = current()
    const room = freshRoom()
    const entry = { atMs: NOW_MS, kind: 'minute', facts: { front: 3 } }
    await atOnce(3, () => store.addHistory(room, entry))
    await store.addHistory(room, { ...entry, kind: 'pause' })
    await store.addHistory(room, { ...entry, atMs: NOW_MS + 1 })
    expect(await store.history(room, 10)).toHaveLength(3)
  })

  test('failure mode 9: the newest entries come up to the limit, over several pages', async () => {
    const { store } = current()
    const room = freshRoom()
    await atOnce(10, number =>
      store.addHistory(room, { atMs: NOW_MS + number, kind: 'minute', facts: { front: number } }),
    )
    for (const limit of [0, 1, 7, 10, 11]) {
      const fronts = (await store.history(room, limit)).map(entry => entry.facts.front)
      expect(fronts).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0].slice(0, limit))
    }
  })

  test('failure mode 9: what is larger than a page of the database itself is read to its end', async () => {
    const contestant = await makeStore()
    try {
      const { store } = contestant
      const room = freshRoom()
      for (let number = 0; number < 5; number++) {
        const facts = { number, text: LARGE_FACT }
        await store.addHistory(room, { atMs: NOW_MS + number, kind: 'minute', facts })
      }
      const found = await store.history(room, 100)
      expect(found.map(entry => entry.facts.number)).toEqual([4, 3, 2, 1, 0])
    } finally {
      await contestant.close()
    }
  })
}
