import { describe, expect, test } from 'vitest'
import { changed, holds } from '../../../lib/rehearsal/cloud/expressions.ts'

const item = { seats: 3, kept: 2, name: 'a' }

describe('conditions over items in memory', () => {
  test.each([
    ['seats > kept', true],
    ['kept > seats', false],
    ['seats >= :three AND kept < :three', true],
    ['seats > :three OR name = :a', true],
    ['(seats > :three OR kept > :three) AND name = :a', false],
    // AND binds closer than OR.
    ['name = :a OR kept > :three AND seats > :three', true],
    ['attribute_exists(seats) AND attribute_not_exists(gone)', true],
    // What is not there, or of another type, compares false.
    ['gone < seats', false],
    ['name > seats', false],
  ])('%s is %s', (condition, expected) => {
    expect(holds(condition, item, { three: 3, a: 'a' })).toBe(expected)
  })

  test.each([
    'NOT seats > kept',
    'size(seats) > kept',
    'seats <> kept',
    'seats > kept )',
    'seats > kept kept',
    '(seats > kept',
    'seats',
    '',
  ])('one that is not known is an error, not an answer: %j', condition => {
    expect(() => holds(condition, item)).toThrow(/does not know this expression/)
  })
})

describe('changes of items in memory', () => {
  test('set, add and remove, each from the item as it was', () => {
    const change = {
      set: ['kept = :one', 'name = if_not_exists(name, :one)', 'gone = if_not_exists(gone, seats)'],
      add: ['seats :one', 'through :one'],
      remove: ['kept'],
      values: { one: 1 },
    }
    expect(changed(item, { ...change, remove: [] })).toEqual({
      seats: 4,
      kept: 1,
      name: 'a',
      gone: 3,
      through: 1,
    })
    expect(changed(item, { remove: ['kept', 'other'] })).toEqual({ seats: 3, name: 'a' })
    expect(changed(undefined, { add: ['seats :one'], values: { one: 1 } })).toEqual({ seats: 1 })
  })

  test.each([
    { set: ['seats = seats + :one'], values: { one: 1 } },
    { set: ['seats = :none'] },
    { add: ['name :one'], values: { one: 1 } },
    { add: ['seats one'], values: { one: 1 } },
  ])('one that is not known is an error: %j', change => {
    expect(() => changed(item, change)).toThrow(/does not know this expression/)
  })
})
