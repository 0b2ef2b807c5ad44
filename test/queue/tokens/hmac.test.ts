import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256 } from '../../../lib/queue/tokens/hmac.ts'

test('a secret that signs again signs as Node does with its bytes, beside any other secret', () => {
  const secret = fc.uint8Array({ minLength: 1, maxLength: 100 })
  fc.assert(
    fc.property(secret, secret, fc.array(fc.string(), { minLength: 2 }), (one, other, texts) => {
      for (const text of texts) {
        for (const key of [one, other]) {
          const expected = createHmac('sha256', key).update(text).digest('hex')
          expect(hmacSha256(key).update(text).digest('hex')).toBe(expected)
        }
      }
    }),
  )
})

test('two secrets with the same bytes sign alike, and one that is a part of a buffer is that part', () => {
  const whole = Buffer.from('0123456789abcdef')
  const [part, copy] = [whole.subarray(4, 12), Uint8Array.from(whole.subarray(4, 12))]
  const sign = (secret: Uint8Array) => hmacSha256(secret).update('x').digest('hex')
  expect(sign(part)).toBe(sign(copy))
  expect(sign(part)).not.toBe(sign(whole))
})
