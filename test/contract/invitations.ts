import { expect, test } from 'vitest'
import type { Contestant } from './harness.ts'
import { atOnce, freshRoom, NOW_MS } from './samples.ts'

export function invitationContract(current: () => Contestant): void {
  test('an invitation keeps what it was used for first', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.loadInvitation(room, 'one')).toBeUndefined()
    expect(await store.useInvitation(room, 'one', '0.0.1', NOW_MS)).toBe('0.0.1')
    expect(await store.useInvitation(room, 'one', '0.0.2', NOW_MS)).toBe('0.0.1')
    expect(await store.useInvitation(room, 'one', '0.0.1', NOW_MS)).toBe('0.0.1')
    expect(await store.useInvitation(room, 'two', '0.0.2', NOW_MS)).toBe('0.0.2')
    expect(await store.loadInvitation(room, 'one')).toBe('0.0.1')
    expect(await store.loadInvitation(freshRoom(), 'one')).toBeUndefined()
  })

  test('of uses at once one is kept, and everybody is given that one', async () => {
    const { store, again } = current()
    const other = again()
    const room = freshRoom()
    const kept = await atOnce(10, number =>
      (number % 2 === 0 ? store : other).useInvitation(room, 'one', `0.0.${number}`, NOW_MS),
    )
    expect(new Set(kept).size).toBe(1)
    expect(await store.loadInvitation(room, 'one')).toBe(kept[0])
  })
}
