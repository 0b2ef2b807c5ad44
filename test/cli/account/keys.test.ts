import { describe, expect, it, vi } from 'vitest'
import { awsAccount } from '../../../lib/cli/account/account.ts'
import { createKeyRing } from '../../../lib/keys/key-ring.ts'
import { nextRotation, ROTATION_WAIT_MS } from '../../../lib/keys/rotation.ts'
import { ARN, fakeSecrets } from '../fake-secrets.ts'
import { run } from '../support.ts'

const NOW = Date.parse('2026-12-01T06:00:00Z')
const K1 = 'a'.repeat(64)
const NEW = 'n'.repeat(64)
const ONE = JSON.stringify({ current: 'k1', k1: K1 })

const rotate = (nowMs: number, ...words: string[]) =>
  run(['keys', 'rotate', '--secret', ARN, ...words], { now: () => nowMs })

describe('the next step of a rotation', () => {
  it('is a new key beside the old one, which goes on signing', () => {
    const step = nextRotation(ONE, NOW, NEW, NOW)
    expect(step).toEqual({
      status: 'added',
      keyId: 'k2',
      secret: JSON.stringify({ current: 'k1', k1: K1, k2: NEW }),
    })
  })

  const added = JSON.stringify({ current: 'k1', k1: K1, k2: NEW })

  it('waits ten minutes, in which every instance reads the secret twice', () => {
    const early = nextRotation(added, NOW, NEW, NOW + ROTATION_WAIT_MS - 1)
    expect(early).toEqual({ status: 'too-early', keyId: 'k2', readyAtMs: NOW + 600_000 })
    expect(nextRotation(added, NOW, NEW, NOW + ROTATION_WAIT_MS).status).toBe('signing')
  })

  it('lets the new key sign and keeps every other', () => {
    const step = nextRotation(added, NOW, NEW, NOW + ROTATION_WAIT_MS)
    if (step.status !== 'signing') throw new Error(step.status)
    expect([step.keyId, step.former]).toEqual(['k2', 'k1'])
    const ring = createKeyRing(step.secret)
    expect(ring.ticketKeys.map(({ id }) => id)).toEqual(['k2', 'k1'])
  })

  it('numbers go on over many rotations, and no key is ever lost', () => {
    let secret = ONE
    for (let rotation = 2; rotation <= 12; rotation++) {
      for (const expected of ['added', 'signing']) {
        const step = nextRotation(secret, 0, `${rotation}`.repeat(64), ROTATION_WAIT_MS)
        expect(step).toMatchObject({ status: expected, keyId: `k${rotation}` })
        if (step.status !== 'too-early') secret = step.secret
      }
    }
    expect(createKeyRing(secret).ticketKeys).toHaveLength(12)
    expect(createKeyRing(secret).currentId).toBe('k12')
  })

  it('goes on from keys that have other names', () => {
    const own = JSON.stringify({ current: 'mine', mine: K1 })
    expect(nextRotation(own, NOW, NEW, NOW)).toMatchObject({ status: 'added', keyId: 'k1' })
  })
})

describe('keys rotate', () => {
  it('adds a key, says what is left to do, and signs with it when it is given again', async () => {
    const secrets = await fakeSecrets(ONE, NOW)
    const added = await rotate(NOW)
    expect([added.exitCode, added.complaint]).toEqual([0, ''])
    expect(added.output).toContain('k2 is known and signs nothing yet')
    expect(added.output).toContain('from 2026-12-01T06:10:00Z on')
    expect(secrets.region()).toBe('eu-west-3')
    const { current, k1, k2 } = JSON.parse(secrets.text())
    expect([current, k1]).toEqual(['k1', K1])
    expect(k2).toMatch(/^[A-Za-z0-9_-]{64}$/)

    const early = await rotate(NOW + ROTATION_WAIT_MS - 1)
    expect([early.exitCode, early.output]).toEqual([1, ''])
    expect(early.complaint).toContain('it may sign from 2026-12-01T06:10:00Z on')

    const signs = await rotate(NOW + ROTATION_WAIT_MS)
    expect([signs.exitCode, signs.complaint]).toEqual([0, ''])
    expect(signs.output).toContain('k2 signs from now on')
    expect(JSON.parse(secrets.text())).toEqual({ current: 'k2', k1: K1, k2 })
    for (const { output } of [added, early, signs]) expect(output).not.toContain(k2)
  })

  it('says the same as JSON, without a key', async () => {
    const secrets = await fakeSecrets(ONE, NOW)
    const added = await rotate(NOW, '--json')
    expect(JSON.parse(added.output)).toEqual({
      status: 'added',
      keyId: 'k2',
      readyAt: '2026-12-01T06:10:00Z',
    })
    const signs = await rotate(NOW + ROTATION_WAIT_MS, '--json')
    expect(JSON.parse(signs.output)).toEqual({ status: 'signing', keyId: 'k2', former: 'k1' })
    expect(secrets.text()).toContain('"current":"k2"')
  })

  it('of two at once one wins, and the other changes nothing', async () => {
    const secrets = await fakeSecrets(ONE, NOW)
    const both = await Promise.all([rotate(NOW), rotate(NOW)])
    expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1])
    expect(both.map(({ complaint }) => complaint).join()).toContain('(edit-conflict)')
    expect(Object.keys(JSON.parse(secrets.text()))).toEqual(['current', 'k1', 'k2'])
  })

  it('takes nothing back that somebody wrote by hand meanwhile', async () => {
    const secrets = await fakeSecrets(ONE, NOW)
    const byHand = JSON.stringify({ current: 'k1', k1: K1, k7: NEW })
    secrets.onRead = () => {
      secrets.onRead = () => {}
      secrets.put(byHand)
    }
    const { exitCode, complaint } = await rotate(NOW)
    expect([exitCode, secrets.text()]).toEqual([1, byHand])
    expect(complaint).toContain('nothing was changed')
  })

  it('never says a word of a secret that has another form', async () => {
    await fakeSecrets('hunter2', NOW)
    const { exitCode, complaint } = await rotate(NOW)
    expect(exitCode).toBe(1)
    expect(complaint).toContain('is this the secret MasterSecretArn of the stack?')
    expect(complaint).not.toContain('hunter2')
  })
})

describe('keys token and keys gate', () => {
  it('print what operators and gates need, of the key that signs', async () => {
    await fakeSecrets(JSON.stringify({ current: 'k2', k1: K1, k2: NEW }), NOW)
    const ring = createKeyRing(JSON.stringify({ current: 'k2', k1: K1, k2: NEW }))
    const token = await run(['keys', 'token', '--secret', ARN])
    expect([token.exitCode, token.output]).toEqual([0, `${ring.operatorToken}\n`])
    const gate = await run(['keys', 'gate', 'cars', '--secret', ARN])
    const keys: { id: string; secret: string }[] = JSON.parse(gate.output)
    expect(keys.map(({ id }) => id)).toEqual(['k2', 'k1'])
    expect(Buffer.from(keys[0]?.secret ?? '', 'base64url')).toEqual(
      Buffer.from(ring.gateKeys('cars')[0]?.secret ?? []),
    )
  })

  it('a room that cannot be is refused before anything is read', async () => {
    const { exitCode, complaint } = await run(['keys', 'gate', 'Cars', '--secret', ARN])
    expect([exitCode, complaint.includes('1 to 63 lower-case letters')]).toEqual([2, true])
  })
})

describe('without an account', () => {
  it.each([
    ['ExpiredTokenException', 2, 'no-account', 'no longer, good'],
    ['UnrecognizedClientException', 2, 'no-account', 'not, or no longer, good'],
    ['ResourceNotFoundException', 1, 'not-found', 'none in this account and region'],
    ['AccessDeniedException', 1, 'access-denied', 'may not use it'],
    ['InternalServiceErrorX', 1, 'aws-error', 'AWS answered InternalServiceErrorX'],
  ])('%s is told clearly', async (type, code, name, says) => {
    const secrets = await fakeSecrets(ONE, NOW)
    secrets.fail(type)
    const { exitCode, complaint } = await rotate(NOW)
    expect([exitCode, complaint.includes(says)]).toEqual([code, true])
    expect(complaint).toContain(`(${name})`)
  })

  it('an AWS that does not answer is no answer of AWS', async () => {
    await fakeSecrets(ONE, NOW)
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', 'http://127.0.0.1:1')
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    const { exitCode, complaint } = await rotate(NOW)
    expect([exitCode, complaint]).toEqual([
      1,
      'antichambre: the secret: AWS cannot be reached from here (ECONNREFUSED) (unreachable)\n',
    ])
  })

  it('no credentials, and no region, are told as what they are', async () => {
    const account = {
      ...awsAccount,
      secret: async () => {
        throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' })
      },
    }
    const none = await run(['keys', 'token', '--secret', ARN], { account })
    expect(none.exitCode).toBe(2)
    expect(none.complaint).toBe(
      'antichambre: there are no AWS credentials; this needs the AWS account of the deployment: sign in (aws sso login), or set AWS_PROFILE (no-account)\n',
    )
    await fakeSecrets(ONE, NOW)
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_DEFAULT_REGION', '')
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
    const nowhere = await run(['keys', 'token', '--secret', 'master'])
    expect([nowhere.exitCode, nowhere.complaint.includes('no region is set')]).toEqual([2, true])
  })
})
