/** The function of a viewer response: what visitors are told of the gate on the showroom's answers. */
import { describe, expect, test } from 'vitest'
import { throughHeaders } from '../../../lib/gate/answer/answer.ts'
import { edgeConfig } from '../../../lib/gate/edge/edge-options.ts'
import { EDGE_BYTES_MAX, edgeResponseSource } from '../../../lib/gate/edge/function-source.ts'
import { edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import type { EdgeFields } from '../../../lib/gate/edge/request/runtime.ts'
import type { GateMode } from '../../../lib/gate/options/options.ts'
import { NAVIGATION, NOW_MS, options, SHOP } from '../browser.ts'
import { stored } from './gate.ts'
import { unknownWords } from './language.ts'
import { edgeFunction, viewerRequest } from './runtime.ts'

describe('the function of a viewer response', () => {
  const { keys: _, ...edge } = { ...options, protect: ['/sale/*'] }
  const source = edgeResponseSource(edgeConfig(edge))
  const { handler, reads } = edgeFunction(source)
  const toldOf = async (headers: EdgeFields, mode: GateMode = 'on', url = `${SHOP}/sale`) => {
    const store = { [edgeStoreKey('demo')]: JSON.stringify(stored(options.keys, mode)) }
    const event = {
      ...viewerRequest({ method: 'GET', url, ...NAVIGATION }),
      response: { statusCode: 200, headers },
    }
    const answer = await handler(event, { store, nowMs: NOW_MS })
    if (!('statusCode' in answer)) throw new Error('no answer')
    return Object.entries(answer.headers).map(([name, { value }]) => [name, value])
  }

  test('keeps to the same words, in less than half of the room', () => {
    expect(unknownWords(source)).toEqual([])
    expect(Buffer.byteLength(source)).toBeLessThan(EDGE_BYTES_MAX / 2)
  })

  test.each(['on', 'off', { openUntilMs: NOW_MS + 1 }, { openUntilMs: NOW_MS }] as const)(
    'tells visitors of a gate that is %j what every gate tells them',
    async mode => {
      const via =
        mode === 'off' ? mode : mode === 'on' || mode.openUntilMs === NOW_MS ? 'session' : 'open'
      const answers = ['', 'Accept', 'cookie', 'Accept, COOKIE', '*', 'Cookies', 'x-cookie, a']
      for (const vary of answers) {
        for (const cached of [{}, { 'cache-control': { value: 'public' } }]) {
          const headers: EdgeFields = {
            ...cached,
            ...(vary === '' ? {} : { vary: { value: vary } }),
          }
          const came = Object.entries(headers).map(([name, { value }]) => [name, value] as const)
          const own = new Headers(came.map(([name, value]) => [name, value]))
          const expected = new Map([...came, ...throughHeaders({ status: 'through', via }, own)])
          expect(new Map((await toldOf(headers, mode)) as [string, string][])).toEqual(expected)
        }
      }
    },
  )

  test('changes nothing where no session is needed, and reads nothing', async () => {
    const before = reads.length
    expect(await toldOf({}, 'off', `${SHOP}/open`)).toEqual([])
    expect(reads.length).toBe(before)
  })
})
