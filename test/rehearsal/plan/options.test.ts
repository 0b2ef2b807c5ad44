import { describe, expect, it } from 'vitest'
import { parseArrivals } from '../../../lib/rehearsal/plan/arrivals.ts'
import { BadOption } from '../../../lib/rehearsal/plan/option-values.ts'
import { BOUNDS, parsePlan } from '../../../lib/rehearsal/plan/options.ts'

const mistake = (options: Record<string, string>) => {
  try {
    parsePlan(options, undefined)
  } catch (error) {
    if (error instanceof BadOption) return error.message
    throw error
  }
  return undefined
}

describe('a bad option is named, with what came and what is allowed', () => {
  it.each([
    [{ visitors: '0' }, '--visitors is "0"; a whole number from 1 to 5000000 is allowed'],
    [{ visitors: '1.5' }, '--visitors is "1.5"; a whole number from 1 to 5000000 is allowed'],
    [{ 'no-show': '2' }, '--no-show is "2"; a number from 0 to 1 is allowed'],
    [{ faults: 'some' }, '--faults is "some"; none or all is allowed'],
    [{ quotas: 'lambda=1' }, '--quotas : no quota "lambda"'],
    [{ quotas: 'lambdaConcurrency=0' }, 'quota lambdaConcurrency is 0; more is needed'],
    [{ quotas: 'lambdaConcurrency=x' }, 'quota lambdaConcurrency is "x"; a number'],
    [{ arrive: '5' }, '--arrive is "5"; a time such as 500ms, 5s, 30m or 2h'],
    [{ wait: '7h' }, '--wait is "7h"; a time'],
  ])('%o', (options, says) => {
    expect(mistake(options)).toContain(says)
  })

  it('bounds are allowed themselves', () => {
    expect(mistake({ visitors: '1', wait: '6h', 'no-show': '1', seed: '2147483647' })).toBe(
      undefined,
    )
  })
})

describe('a file of arrivals', () => {
  it('is read with or without a header, each row lasting until the next', () => {
    expect(parseArrivals('seconds,visitors\n0,10\n2.5,20\r\n10,5\n', 'a.csv', BOUNDS)).toEqual([
      { fromMs: 0, toMs: 2_500, visitors: 10 },
      { fromMs: 2_500, toMs: 10_000, visitors: 20 },
      { fromMs: 10_000, toMs: 17_500, visitors: 5 },
    ])
  })

  it('with bad rows has each of them named by its line', () => {
    const text = '0,10\nx,5\n3,1.5\n3,4,5\n0,7\n'
    expect(() => parseArrivals(text, 'a.csv', BOUNDS)).toThrow(
      'line 2: seconds "x"; line 3: visitors "1.5"; line 4: 3 columns; line 5: seconds 0 not after',
    )
  })

  it('without visitors is refused', () => {
    expect(() => parseArrivals('', 'a.csv', BOUNDS)).toThrow('a.csv has 0 visitors in 0 rows')
  })
})
