import { describe, expect, it } from 'vitest'
import {
  aNumber,
  aWholeNumber,
  complaintAbout,
  complaintAboutCount,
  kindOf,
  wholeNumberComplaint,
} from '../../lib/queue/complaint.ts'

describe('a complaint', () => {
  it('says what came and what is allowed', () => {
    expect(complaintAbout(7, aWholeNumber({ min: 1, max: 5 }))).toBe(
      '7 came, a whole number from 1 to 5 is allowed',
    )
    expect(complaintAbout('a list', aNumber({ min: 0, max: 0.5 }))).toBe(
      'a list came, a number from 0 to 0.5 is allowed',
    )
    expect(complaintAboutCount('21 rooms', 'at most 20')).toBe(
      '21 rooms came, at most 20 are allowed',
    )
  })

  it.each([
    [1, undefined],
    [5, undefined],
    [0, '0 came, a whole number from 1 to 5 is allowed'],
    [6, '6 came, a whole number from 1 to 5 is allowed'],
    [1.5, '1.5 came, a whole number from 1 to 5 is allowed'],
    [Number.NaN, 'NaN came, a whole number from 1 to 5 is allowed'],
  ])('of the number %d where 1 to 5 are allowed: %s', (value, says) => {
    expect(wholeNumberComplaint(value, { min: 1, max: 5 })).toBe(says)
  })

  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [0.5, '0.5'],
    [false, 'false'],
    ['a secret', 'a text'],
    [['a secret'], 'a list'],
    [{ a: 'secret' }, 'an object'],
  ])('never shows the text of a value: %o is %s', (value, shown) => {
    expect(kindOf(value)).toBe(shown)
  })
})
