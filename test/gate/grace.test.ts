import { expect, test } from 'vitest'
import { throughHeaders } from '../../lib/gate/answer/answer.ts'
import { ENDED_GRACE_SECONDS } from '../../lib/gate/options/limits.ts'
import { config } from './browser.ts'

// what an ended session may still do is in the table of cases

test('grace is for stated paths alone, 300 s unless stated otherwise', () => {
  expect(config()).toMatchObject({ gracePaths: [], graceSeconds: 0 })
  expect(config({ gracePaths: ['/pay'] })).toMatchObject({ graceSeconds: 300 })
  expect(config({ gracePaths: ['/pay'], graceSeconds: 60 })).toMatchObject({ graceSeconds: 60 })
})

test.each([ENDED_GRACE_SECONDS.min, ENDED_GRACE_SECONDS.max])(
  '%d s of grace are allowed',
  seconds => {
    expect(() => config({ gracePaths: ['/pay'], graceSeconds: seconds })).not.toThrow()
  },
)

test.each([ENDED_GRACE_SECONDS.min - 1, ENDED_GRACE_SECONDS.max + 1, 1.5, Number.NaN])(
  '%d s of grace are a configuration error',
  seconds => {
    expect(() => config({ gracePaths: ['/pay'], graceSeconds: seconds })).toThrow(
      /graceSeconds: .* from 1 to 3600/,
    )
  },
)

test.each(['', 'pay', '/pay?x', '/../pay'])('the path %j is a configuration error', path => {
  expect(() => config({ gracePaths: [path] })).toThrow(/gracePaths: /)
})

test.each([[undefined], [[]]])(
  'a time of grace without paths (%j) would do nothing',
  gracePaths => {
    expect(() => config({ gracePaths, graceSeconds: 60 })).toThrow(
      /^graceSeconds: 60 came, which does nothing without gracePaths$/,
    )
    expect(() => config({ gracePaths, graceSeconds: undefined })).not.toThrow()
  },
)

test('an answer in grace says so', () => {
  const headers = throughHeaders({ status: 'through', via: 'grace' }, new Headers())
  expect(headers).toContainEqual(['antichambre-gate', 'grace'])
})
