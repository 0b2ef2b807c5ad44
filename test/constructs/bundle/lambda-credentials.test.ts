import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultProvider } from '../../../lib/constructs/bundle/lambda-credentials.ts'

describe('credentials of a deployed bundle', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('AWS_SESSION_TOKEN', 'session')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('are those of the environment', async () => {
    await expect(defaultProvider()()).resolves.toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'secret',
      sessionToken: 'session',
    })
  })

  test('need no session', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', undefined)
    await expect(defaultProvider()()).resolves.toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    })
  })

  test.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])(
    'are refused without %s, and the refusal shows nothing of them',
    async name => {
      vi.stubEnv(name, undefined)
      await expect(defaultProvider()()).rejects.toThrow(
        'no AWS credentials in the environment: this bundle is made for Lambda',
      )
    },
  )
})
