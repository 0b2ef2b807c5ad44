import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AntichambreError } from '../../lib/queue/errors.ts'
import { logFailure } from '../../lib/runtime/log.ts'

const errors = vi.spyOn(console, 'error')
beforeEach(() => void errors.mockImplementation(() => {}))
afterEach(() => void errors.mockReset())

const logged = (error: unknown, facts?: Record<string, string>) => {
  logFailure('request', error, facts)
  const [[line] = []] = errors.mock.calls
  return line
}

describe('failure mode 42: of a failure the log keeps', () => {
  test('its name, its code, and where it was thrown', () => {
    expect(logged(new AntichambreError('try-again', 'busy'))).toEqual({
      what: 'request',
      error: 'AntichambreError',
      code: 'try-again',
      at: expect.stringMatching(/^at .*log\.test\.ts:\d+:\d+/),
    })
  })

  test('the code of what Node and the SDK throw', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND a.b'), { code: 'ENOTFOUND' })
    expect(logged(error)).toMatchObject({ error: 'Error', code: 'ENOTFOUND' })
  })

  test('ids of our own', () => {
    expect(logged(new Error('x'), { messageId: 'm1' })).toMatchObject({ messageId: 'm1' })
  })

  test.each([
    ['a message', new Error('token eyJhbGciOi')],
    ['a message that looks like a stack', new Error('no\n    at eyJhbGciOi (a.js:1:1)')],
    ['what JSON.parse says', parseError('{"a": eyJhbGciOi}')],
    ['facts that an error carries', new AntichambreError('not-yet', 'no', { a: 'eyJhbGciOi' })],
    ['a code that is none', Object.assign(new Error('x'), { code: { a: 'eyJhbGciOi' } })],
    ['a cause', new Error('x', { cause: 'eyJhbGciOi' })],
    ['something thrown that is no error', 'eyJhbGciOi'],
  ])('nothing of %s', (_, error) => {
    expect(JSON.stringify(logged(error))).not.toContain('eyJ')
  })
})

function parseError(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}
