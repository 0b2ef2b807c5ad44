/** `gate get` and `gate mode`, against the store's data API, and read again by the function at the edge. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { awsAccount } from '../../../lib/cli/account/account.ts'
import type { Account } from '../../../lib/cli/shared/command.ts'
import { edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import { withKeys } from '../../../lib/gate/edge/stored.ts'
import { keyValueStore } from '../../../lib/keys/key-value-store.ts'
import { NAVIGATION, NOW_MS, options, SHOP } from '../../gate/browser.ts'
import { functionOf } from '../../gate/edge/gate.ts'
import { viewerRequest } from '../../gate/edge/runtime.ts'
import { type EdgeAws, edgeAws, edgeStoreClient, STORE_ARN } from '../../support/edge-aws.ts'
import { run } from '../support.ts'

const KEY = edgeStoreKey('demo')
const VALUE = withKeys(undefined, options.keys, 'on', NOW_MS)

let aws: EdgeAws
beforeEach(async () => {
  aws = await edgeAws('')
  onTestFinished(() => aws.stop())
  aws.put(KEY, VALUE)
})

const account = (): Account => ({
  ...awsAccount,
  edgeStore: async arn => keyValueStore(arn, edgeStoreClient(aws)),
})
const gate = (...words: string[]) =>
  run(['gate', ...words, '--store', STORE_ARN], { account: account(), now: () => NOW_MS })
const visit = async (nowMs = NOW_MS) => {
  const event = viewerRequest({ method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION })
  const outcome = await functionOf(options).handler(event, {
    store: Object.fromEntries(aws.values),
    nowMs,
  })
  return 'statusCode' in outcome ? outcome.statusCode : outcome.headers['antichambre-gate']?.value
}

describe('gate mode', () => {
  it('switches the function at the edge off and on, and leaves its keys alone', async () => {
    expect(await visit()).toBe(302)
    const off = await gate('mode', 'demo', 'off')
    expect(off).toEqual({
      exitCode: 0,
      output: 'demo: the gate is off; within a minute or so, everywhere\n',
      complaint: '',
    })
    expect(await visit()).toBe('off')
    expect((await gate('mode', 'demo', 'on')).exitCode).toBe(0)
    expect(aws.values.get(KEY)).toBe(VALUE)
  })

  it('opens it until a time, and no longer', async () => {
    const { output } = await gate('mode', 'demo', 'openUntil=2026-12-01T06:30:00Z', '--json')
    expect(JSON.parse(output)).toEqual({
      room: 'demo',
      mode: { openUntil: '2026-12-01T06:30:00Z' },
    })
    const halfAnHour = 30 * 60_000
    expect(await visit(NOW_MS + halfAnHour - 1)).toBe('open')
    expect(await visit(NOW_MS + halfAnHour)).toBe(302)
  })

  it('writes what fits to what others wrote meanwhile', async () => {
    let writes = 0
    aws.meanwhile = () => {
      writes += 1
      if (writes > 1) return
      aws.put(
        KEY,
        withKeys(VALUE, [...options.keys, { id: 'k2', secret: new Uint8Array(32) }], 'on', NOW_MS),
      )
    }
    await gate('mode', 'demo', 'off')
    expect((await gate('get', 'demo')).output).toBe('mode  off\nkeys  k1, k2\n')
  })

  it.each([
    ['open', 'MODE: "open" came, on, off or openUntil=TIME is allowed'],
    ['On', 'MODE: "On" came'],
    ['openUntil=', 'openUntil: "" came, a time with its zone'],
    ['openUntil=2026-12-01T06:30:00', 'a time with its zone'],
    ['openUntil=2026-12-01T06:00:00Z', 'a time to come, within 7 days, is allowed'],
    ['openUntil=2026-12-08T06:00:01Z', 'a time to come, within 7 days, is allowed'],
    ['openUntil=2062-12-01T06:30:00Z', 'a time to come, within 7 days, is allowed'],
  ])('refuses %s before anything is asked', async (mode, says) => {
    const { exitCode, complaint } = await gate('mode', 'demo', mode)
    expect([exitCode, complaint.includes(says)]).toEqual([2, true])
    expect(aws.calls).toEqual([])
  })

  it('takes a week to the second', async () => {
    expect((await gate('mode', 'demo', 'openUntil=2026-12-08T06:00:00Z')).exitCode).toBe(0)
  })

  it('of a room that the store does not know writes nothing: nobody would read it', async () => {
    const { exitCode, complaint } = await gate('mode', 'dmeo', 'off')
    expect([exitCode, complaint]).toEqual([
      1,
      'antichambre: the store knows no gate of the room dmeo (not-found)\n',
    ])
    expect([...aws.values.keys()]).toEqual([KEY])
  })
})

describe('gate get', () => {
  it('shows mode and names of keys, and no key', async () => {
    const { output } = await gate('get', 'demo')
    expect(output).toBe('mode  on\nkeys  k1\n')
    const { output: json } = await gate('get', 'demo', '--json')
    expect(JSON.parse(json)).toEqual({ room: 'demo', mode: 'on', keys: ['k1'] })
  })

  it('of a value that is none shows a gate that is on and has no keys', async () => {
    aws.put(KEY, '{')
    expect((await gate('get', 'demo')).output).toBe('mode  on\nkeys  -\n')
  })

  it.each([
    ['AccessDeniedException', 'these AWS credentials may not use it'],
    ['ResourceNotFoundException', 'there is none in this account and region'],
  ])('says what AWS said: %s', async (name, says) => {
    aws.refuse = () => [400, name]
    const { exitCode, complaint } = await gate('get', 'demo')
    expect([exitCode, complaint.includes(says)]).toEqual([1, true])
  })

  it.each([
    'store',
    'arn:aws:cloudfront::1:distribution/E1',
    'arn:aws:s3:::bucket',
    `${STORE_ARN}/x`,
  ])('refuses %s for a store', async store => {
    const { exitCode, complaint } = await run(['gate', 'get', 'demo', '--store', store])
    expect([exitCode, complaint.includes('--store: ')]).toEqual([2, true])
  })
})
