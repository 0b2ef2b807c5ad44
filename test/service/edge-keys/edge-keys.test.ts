/** The deployment step of a gate at the edge: the real handler, AWS's protocols over HTTP, the built function. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import { readEdgeValue, withMode } from '../../../lib/gate/edge/stored.ts'
import { EDGE_WRITE_TRIES_MAX } from '../../../lib/keys/edge-store.ts'
import { createKeyRing } from '../../../lib/keys/key-ring.ts'
import { keyValueStore } from '../../../lib/keys/key-value-store.ts'
import { nextRotation, ROTATION_WAIT_MS } from '../../../lib/keys/rotation.ts'
import { readSecretVersion } from '../../../lib/keys/secret.ts'
import { ANSWER_TRIES_MAX } from '../../../lib/service/edge-keys/custom-resource.ts'
import {
  EDGE_KEYS_FRESH_MS,
  EDGE_KEYS_PAUSES_MS,
} from '../../../lib/service/edge-keys/edge-keys.ts'
import { edgeKeysHandler } from '../../../lib/service/edge-keys/handler.ts'
import { NAVIGATION, NOW_MS, options, SHOP } from '../../gate/browser.ts'
import { cookieOf, NONCE_COOKIE, sessionToken, withPass } from '../../gate/cases/parts.ts'
import { passToken } from '../../gate/cases.ts'
import { functionOf } from '../../gate/edge/gate.ts'
import { viewerRequest } from '../../gate/edge/runtime.ts'
import {
  type EdgeAws,
  edgeAws,
  edgeStoreClient,
  SECRET_ARN,
  STORE_ARN,
} from '../../support/edge-aws.ts'

const MASTER = 'm'.repeat(64)
const ONE = JSON.stringify({ current: 'k1', k1: MASTER })
const KEY = edgeStoreKey('demo')
const TRIES = EDGE_KEYS_PAUSES_MS.length + 1

let aws: EdgeAws
let nowMs: number
let pauses: number[]
let logged: string[]
beforeEach(async () => {
  aws = await edgeAws(ONE)
  nowMs = NOW_MS
  pauses = []
  logged = []
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  for (const level of ['info', 'error', 'warn', 'log'] as const) {
    vi.spyOn(console, level).mockImplementation(line => void logged.push(JSON.stringify(line)))
  }
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await aws.stop()
})

function handler() {
  const secrets = new SecretsManagerClient({ region: 'eu-west-3', endpoint: aws.url })
  return edgeKeysHandler({
    readSecret: () => readSecretVersion(secrets, SECRET_ARN),
    store: keyValueStore(STORE_ARN, edgeStoreClient(aws)),
    storeArn: STORE_ARN,
    now: () => nowMs,
    sleep: async ms => void pauses.push(ms),
  })
}

const gate = { Room: 'demo', InitialMode: 'on' }
const ask = (RequestType: string, more: object = {}, properties: object = {}) =>
  handler()({
    RequestType,
    ResponseURL: aws.answerUrl,
    StackId: 'stack',
    RequestId: 'request-1',
    LogicalResourceId: 'ShopGateKeysPut',
    ResourceType: 'Custom::AntichambreEdgeKeys',
    ResourceProperties: { ServiceToken: 'arn', StoreArn: STORE_ARN, ...gate, ...properties },
    ...more,
  })
const clock = () => handler()(gate)
const stored = () => aws.values.get(KEY) ?? ''
const idsIn = () => readEdgeValue(stored(), nowMs).keyIds

/** What the built function makes of the store as it is. */
const visit = (request: object) => {
  const event = viewerRequest({ method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION, ...request })
  return functionOf(options).handler(event, { store: Object.fromEntries(aws.values), nowMs })
}
const gateKey = (secret: string, id: string) => {
  const key = createKeyRing(secret)
    .gateKeys('demo')
    .find(one => one.id === id)
  if (key === undefined) throw new Error(`no key ${id}`)
  return key
}

describe('a deployment', () => {
  test('puts what the built function reads: a pass of the room gets in, and no other', async () => {
    await ask('Create')
    expect(aws.told).toEqual([
      {
        Status: 'SUCCESS',
        PhysicalResourceId: `${STORE_ARN}/${KEY}`,
        StackId: 'stack',
        RequestId: 'request-1',
        LogicalResourceId: 'ShopGateKeysPut',
      },
    ])
    const key = gateKey(ONE, 'k1')
    const entered = await visit(withPass(passToken({ key })))
    expect(entered).toMatchObject({
      statusCode: 302,
      headers: { location: { value: `${SHOP}/sale` } },
      cookies: { 'antichambre-demo': { value: sessionToken({ key }) } },
    })
    const session = cookieOf(sessionToken({ key }))
    expect(await visit({ cookie: session })).toMatchObject({
      headers: { 'antichambre-ticket': { value: '0.3.41' } },
    })
    const foreign = passToken({ key: gateKey(ONE.replaceAll('m', 'n'), 'k1') })
    expect(await visit({ ...withPass(foreign), cookie: NONCE_COOKIE })).toMatchObject({
      headers: { location: { value: expect.stringContaining('wait.example') } },
    })
  })

  test('says no type of its answer: the address was signed for one without', async () => {
    await ask('Create')
    expect(aws.toldTypes).toEqual([undefined])
  })

  test('writes nothing where all is as it should be', async () => {
    await ask('Create')
    aws.calls.length = 0
    await ask('Update')
    expect(aws.calls).toEqual(['GetSecretValue', 'DescribeKeyValueStore', 'GetKey'])
    expect(aws.told.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS'])
  })

  test.each(['on', 'off'] as const)(
    'begins %s where it is told so, and the operator’s word stays',
    async mode => {
      await ask('Create', {}, { InitialMode: mode })
      expect(readEdgeValue(stored(), nowMs).mode).toBe(mode)
      const said = mode === 'on' ? 'off' : 'on'
      aws.put(KEY, withMode(stored(), said))
      await ask('Update', {}, { InitialMode: mode })
      await ask('Update', {}, { InitialMode: mode, Code: 'other' })
      expect(readEdgeValue(stored(), nowMs).mode).toBe(said)
    },
  )

  test('leaves a gate open until its time, and no longer', async () => {
    await ask('Create')
    const openUntilMs = nowMs + 1_000
    aws.put(KEY, withMode(stored(), { openUntilMs }))
    aws.secret.text = JSON.stringify({ current: 'k1', k1: MASTER, k2: 'n'.repeat(64) })
    await ask('Update')
    expect(JSON.parse(stored())).toMatchObject({
      mode: { openUntilMs },
      keys: [{ id: 'k1' }, { id: 'k2' }],
    })
    nowMs += 1_000
    await ask('Update')
    expect(JSON.parse(stored()).mode).toBe('on')
  })

  test.each(['x', '{', 'null', '{"mode":7,"keys":"x"}'])(
    'mends a value that is %s',
    async value => {
      aws.put(KEY, value)
      await ask('Update')
      expect(JSON.parse(stored())).toMatchObject({ mode: 'on', keys: [{ id: 'k1' }] })
    },
  )
})

describe('others who write meanwhile', () => {
  test('lose nothing: it reads again, and writes what fits to theirs', async () => {
    await ask('Create')
    aws.secret.text = JSON.stringify({ current: 'k1', k1: MASTER, k2: 'n'.repeat(64) })
    let writes = 0
    aws.meanwhile = () => {
      writes += 1
      if (writes === 1) aws.put(KEY, withMode(stored(), 'off'))
      if (writes === 2) aws.put('gate.other', 'x')
    }
    await ask('Update')
    expect(writes).toBe(3)
    expect(readEdgeValue(stored(), nowMs)).toEqual({ keyIds: ['k1', 'k2'], mode: 'off' })
    expect(aws.values.get('gate.other')).toBe('x')
    expect(pauses).toEqual([])
  })

  test('and never stop: it gives up after bounded tries, and the deployment is told why', async () => {
    aws.meanwhile = () => aws.put('gate.other', 'x')
    await ask('Create')
    const writes = aws.calls.filter(action => action === 'PutKey').length
    expect(writes).toBe(EDGE_WRITE_TRIES_MAX * TRIES)
    expect(aws.told).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('others wrote to the key value store') },
    ])
  })
})

describe('what AWS refuses', () => {
  test('is tried again: permissions of a new role are not known everywhere at once', async () => {
    let refusals = 0
    aws.refuse = action =>
      action === 'DescribeKeyValueStore' && ++refusals <= EDGE_KEYS_PAUSES_MS.length
        ? [403, 'AccessDeniedException']
        : undefined
    await ask('Create')
    expect(pauses).toEqual(EDGE_KEYS_PAUSES_MS)
    expect(aws.told[0]?.Status).toBe('SUCCESS')
    expect(idsIn()).toEqual(['k1'])
  })

  test.each(['GetSecretValue', 'DescribeKeyValueStore', 'GetKey', 'PutKey'] as const)(
    'for good (%s) fails the deployment, with the name of the error and not its words',
    async action => {
      const words = `Value '${MASTER}' at 'value' failed to satisfy constraint`
      aws.refuse = one => (one === action ? [400, 'ValidationException', words] : undefined)
      await ask('Create')
      expect(aws.told).toMatchObject([
        {
          Status: 'FAILED',
          PhysicalResourceId: `${STORE_ARN}/${KEY}`,
          Reason:
            'the gate keys of the room demo could not be put into the key value store: ValidationException',
        },
      ])
      await expect(nowFresh(clock)).rejects.toThrow('could not be compared')
      expect(logged.join()).not.toContain(MASTER)
    },
  )

  test.each(['not JSON', '{"current":"k2","k1":"x"}'])(
    'neither does a secret that is %s',
    async text => {
      aws.secret.text = text
      await ask('Create')
      expect(aws.told).toMatchObject([{ Status: 'FAILED' }])
      expect(aws.values.size).toBe(0)
    },
  )

  test.each([{ Room: 'Demo' }, { Room: undefined }, { InitialMode: 'of' }])(
    'properties that cannot be (%j) fail it too, and are answered',
    async properties => {
      await ask('Create', {}, properties)
      expect(aws.told).toMatchObject([{ Status: 'FAILED' }])
    },
  )
})

/** As if the secret had just been changed. */
async function nowFresh<Outcome>(call: () => Promise<Outcome>): Promise<Outcome> {
  aws.secret.sinceMs = nowMs
  return call()
}

describe('a rotation', () => {
  test('reaches the gate by itself, before the new key signs, and nobody is thrown out', async () => {
    await ask('Create')
    const session = { cookie: cookieOf(sessionToken({ key: gateKey(ONE, 'k1') })) }

    const added = nextRotation(aws.secret.text, 0, 'n'.repeat(64), nowMs)
    if (added.status !== 'added') throw new Error(added.status)
    aws.secret = { text: added.secret, sinceMs: nowMs }
    nowMs += ROTATION_WAIT_MS / 2
    await clock()
    expect(idsIn()).toEqual(['k1', 'k2'])
    expect(await visit(session)).toHaveProperty('uri')

    nowMs += ROTATION_WAIT_MS / 2
    const signing = nextRotation(aws.secret.text, aws.secret.sinceMs, '', nowMs)
    if (signing.status !== 'signing') throw new Error(signing.status)
    aws.secret = { text: signing.secret, sinceMs: nowMs }
    // The room signs with the new key, and the edge has not heard of that yet.
    const pass = passToken({ key: gateKey(signing.secret, 'k2'), nowMs })
    expect(await visit(withPass(pass))).toMatchObject({
      headers: { location: { value: `${SHOP}/sale` } },
    })
    await clock()
    expect(idsIn()).toEqual(['k2', 'k1'])
    expect(await visit(session)).toHaveProperty('uri')
    expect(await visit(withPass(pass))).toMatchObject({
      cookies: { 'antichambre-demo': { value: expect.stringMatching(/^eyJ/) } },
    })
  })

  test('long ago is not asked of the store, which is paid for by the call', async () => {
    aws.secret.sinceMs = nowMs - EDGE_KEYS_FRESH_MS
    await clock()
    expect(aws.calls).toEqual(['GetSecretValue'])
    aws.secret.sinceMs += 1
    await clock()
    expect(idsIn()).toEqual(['k1'])
    aws.calls.length = 0
    await clock()
    expect(aws.calls).toEqual(['GetSecretValue', 'DescribeKeyValueStore', 'GetKey'])
  })

  test('after many others leaves the edge the keys that it needs, in a value that fits', async () => {
    const keys = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`k${at + 1}`, `${at}`.padStart(40, 'x')]),
    )
    aws.secret.text = JSON.stringify({ current: 'k39', ...keys })
    await ask('Create')
    expect(idsIn()).toEqual(['k39', 'k37', 'k38', 'k40'])
    expect(Buffer.byteLength(stored())).toBeLessThan(1_024)
  })

  test('to keys whose names are too long for the store fails, and leaves what was there', async () => {
    await ask('Create')
    const before = stored()
    aws.secret.text = JSON.stringify({ current: 'k1', k1: MASTER, ['k'.repeat(999)]: MASTER })
    await ask('Update')
    expect(aws.told[1]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('too long'),
    })
    expect(stored()).toBe(before)
  })
})

describe('a deletion', () => {
  const id = `${STORE_ARN}/${KEY}`
  const remove = (more: object = {}) => ask('Delete', { PhysicalResourceId: id }, more)

  test('takes the room’s value away, and no other', async () => {
    await ask('Create')
    aws.put('gate.other', 'x')
    await remove()
    expect([...aws.values.keys()]).toEqual(['gate.other'])
    expect(aws.told[1]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id })
    expect(aws.calls.filter(action => action === 'GetSecretValue')).toHaveLength(1)
  })

  test('of what is gone already is one', async () => {
    await remove()
    expect(aws.told).toMatchObject([{ Status: 'SUCCESS' }])
    expect(aws.calls).not.toContain('DeleteKey')
  })

  test('never fails the stack, whatever AWS says, and begins again while it may help', async () => {
    await ask('Create')
    aws.refuse = action => (action === 'Answer' ? undefined : [403, 'AccessDeniedException'])
    await remove()
    expect(aws.told[1]).toMatchObject({ Status: 'SUCCESS' })
    expect(pauses).toEqual(EDGE_KEYS_PAUSES_MS)
    expect(logged.join()).toContain('AccessDeniedException')
  })

  test.each([{ StoreArn: 'arn:aws:cloudfront::111122223333:key-value-store/former' }, { Room: 7 }])(
    'of %j asks for nothing: this function may not, and that store goes too',
    async properties => {
      await remove(properties)
      expect(aws.calls).toEqual([])
      expect(aws.told).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: id }])
    },
  )

  test('of the former room leaves the keys of the present one', async () => {
    await ask('Create', {}, { Room: 'former' })
    await ask('Update')
    expect(aws.told[1]?.PhysicalResourceId).not.toBe(aws.told[0]?.PhysicalResourceId)
    await ask('Delete', { PhysicalResourceId: aws.told[0]?.PhysicalResourceId }, { Room: 'former' })
    expect([...aws.values.keys()]).toEqual([KEY])
  })
})

test('every call is signed for all regions with the credentials of the role, and with no others', async () => {
  const read = (secret?: string) =>
    keyValueStore(STORE_ARN, edgeStoreClient(aws, secret)).read('gate.a/b ~c')
  await expect(read()).resolves.toEqual({ text: undefined, version: 'V1' })
  await expect(read('another')).rejects.toThrow('another signature')
})

describe('CloudFormation', () => {
  test('is told again when it does not hear, and the event comes again when it never does', async () => {
    let deaf = 0
    aws.refuse = action =>
      action === 'Answer' && ++deaf < ANSWER_TRIES_MAX ? [503, 'Busy'] : undefined
    await ask('Create')
    expect(aws.told).toHaveLength(1)
    deaf = -99
    await expect(ask('Update')).rejects.toThrow('CloudFormation could not be told')
  })

  test('and the clock are all that is heard', async () => {
    for (const event of [undefined, null, {}, { Room: 'demo' }, { RequestType: 'Create' }]) {
      await expect(handler()(event)).rejects.toThrow()
    }
    expect(aws.calls).toEqual([])
  })
})

test('no key and no master secret is ever in a log, or told to CloudFormation', async () => {
  await ask('Create')
  await nowFresh(clock)
  aws.secret.text = 'broken'
  await ask('Update')
  await ask('Delete')
  const said = logged.join() + JSON.stringify(aws.told)
  const { secret } = gateKey(ONE, 'k1')
  for (const key of [MASTER, Buffer.from(secret).toString('base64url')]) {
    expect(said).not.toContain(key)
  }
  expect(logged.length).toBeGreaterThan(1)
})
