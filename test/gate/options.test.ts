/** Options by name: an app without types has no compiler to tell it that one is misspelt. */
import { describe, expect, test } from 'vitest'
import { authRequestGate } from '../../lib/gate/auth-request.ts'
import { edgeConfig } from '../../lib/gate/edge/edge-options.ts'
import { gateOptionsFrom } from '../../lib/gate/environment.ts'
import { createFetchGate } from '../../lib/gate/fetch.ts'
import { gate as honoGate } from '../../lib/gate/hono.ts'
import { gate as nodeGate } from '../../lib/gate/node.ts'
import { AntichambreError } from '../../lib/queue/errors.ts'
import { options } from './browser.ts'

const { keys, ...edgeOptions } = options
const makers = {
  'a gate of Hono': (more: object) => honoGate({ ...options, ...more }),
  'a gate of Node': (more: object) => nodeGate({ ...options, ...more }),
  'a gate of Fetch': (more: object) => createFetchGate({ ...options, ...more }),
  'a gate that a proxy asks': (more: object) => authRequestGate({ ...options, ...more }),
  'a gate at the edge': (more: object) => edgeConfig({ ...edgeOptions, ...more }),
}

describe.each(Object.entries(makers))('%s', (_, make) => {
  test.each([
    [{ protected: ['/sale'] }, /^protected: no such option; room, roomUrl, .*protect, .* allowed$/],
    [{ roomURL: 'x', Room: 'y' }, /^roomURL, Room: no such option; room, roomUrl, /],
    [{ stock: undefined }, /^stock: no such option; /],
  ])('refuses %j by name, and says which names there are', (more, message) => {
    expect(() => make(more)).toThrow(message)
    expect(() => make(more)).toThrow(AntichambreError)
    expect(() => make({})).not.toThrow()
  })
})

test.each([
  [{ keys }, 'keys'],
  [{ mode: 'off' }, 'mode'],
  [{ hasDeparted: () => false }, 'hasDeparted'],
  [{ secureCookies: false }, 'secureCookies'],
])('%j is for every gate but the one at the edge', (more, name) => {
  expect(() => makers['a gate of Fetch'](more)).not.toThrow()
  expect(() => makers['a gate at the edge'](more)).toThrow(`${name}: no such option; room, `)
})

test('a beacon refuses names that it does not know', () => {
  const beacon = { onDeparture: () => {}, graceSecond: 5 }
  expect(() => makers['a gate of Hono']({ beacon })).toThrow(
    'beacon.graceSecond: no such option; onDeparture, prefix, graceSeconds are allowed',
  )
})

test('what the environment gives is what a gate takes', () => {
  const secret = Buffer.from(new Uint8Array(32)).toString('base64url')
  const environment = { ROOM: 'demo', ROOM_URL: 'https://wait.example', PROTECTED: '/sale' }
  const GATE_KEYS = JSON.stringify([{ id: 'k1', secret }])
  expect(() => nodeGate(gateOptionsFrom({ ...environment, GATE_KEYS }))).not.toThrow()
})
