import { describe, expect, test } from 'vitest'
import { liveGateConfig, parseGateConfig } from '../../../lib/gate/options/config.ts'
import { AntichambreError } from '../../../lib/queue/errors.ts'
import { config, key, options } from '../browser.ts'

describe('the configuration of a gate', () => {
  test('has the defaults that its docs state', () => {
    const { room, roomUrl, keys } = options
    expect(parseGateConfig({ room, roomUrl, keys })).toMatchObject({
      waitingUrl: 'https://wait.example/r/demo',
      publicOrigin: undefined,
      rules: { protect: [{ path: '', below: true }], bypass: [] },
      secureCookies: undefined,
      mode: 'on',
    })
  })

  test('takes addresses with a slash at the end and a room below a path', () => {
    expect(config({ roomUrl: 'https://wait.example/' }).waitingUrl).toBe(
      'https://wait.example/r/demo',
    )
    expect(config({ roomUrl: 'https://a.example/wait' }).waitingUrl).toBe(
      'https://a.example/wait/r/demo',
    )
    expect(config({ publicUrl: 'HTTPS://Shop.Example:443/' }).publicOrigin).toBe(
      'https://shop.example',
    )
  })

  test.each([
    [{ room: 'Demo' }, /^room: /],
    [{ room: '' }, /^room: /],
    [{ room: undefined as unknown as string }, /^room: /],
    [{ roomUrl: undefined as unknown as string }, /^roomUrl: /],
    [{ roomUrl: 'wait.example' }, /^roomUrl: /],
    [{ roomUrl: 'https://wait.example/r/cars' }, /^roomUrl: what stands before \/r\/ is allowed$/],
    [{ roomUrl: 'https://wait.example?x' }, /^roomUrl: /],
    [{ roomUrl: 'https://user@wait.example' }, /^roomUrl: /],
    [{ roomUrl: 'javascript:alert(1)' }, /^roomUrl: /],
    [{ publicUrl: 'https://shop.example/sale' }, /^publicUrl: /],
    [{ publicUrl: 'shop.example' }, /^publicUrl: /],
    [{ publicUrl: '' }, /^publicUrl: /],
    [{ protect: ['sale'] }, /^protect: /],
    [{ protect: '/sale' as unknown as string[] }, /^protect: a list of paths is allowed$/],
    [{ gracePaths: [5] as unknown as string[] }, /^gracePaths: a list of paths is allowed$/],
    [{ bypass: ['/a*'] }, /^bypass: /],
    [
      { keys: [{ id: 'k1', secret: new Uint8Array(31) }] },
      /^keys: a secret has at least 32 bytes$/,
    ],
    [{ keys: [key('k1', 1), key('k1', 2)] }, /^keys: each key has an id of its own$/],
    [{ keys: [key('', 1)] }, /^keys: /],
  ])('%j is refused by name', (changes, message) => {
    expect(() => config(changes)).toThrow(message)
    expect(() => config(changes)).toThrow(AntichambreError)
  })

  test('names every option that is wrong at once', () => {
    expect(() => config({ room: '', roomUrl: '', protect: [], keys: [] })).toThrow(
      /room: .*roomUrl: .*protect: .*keys: /,
    )
  })

  test('keys and mode may be functions, asked each time and checked each time', () => {
    let keys = [key('k1', 1)]
    let mode: 'on' | 'off' = 'on'
    const live = liveGateConfig({ ...options, keys: () => keys, mode: () => mode })
    expect(live()).toMatchObject({ mode: 'on', keys: [{ id: 'k1' }] })
    keys = [key('k2', 2), key('k1', 1)]
    mode = 'off'
    expect(live()).toMatchObject({ mode: 'off', keys: [{ id: 'k2' }, { id: 'k1' }] })
    keys = []
    expect(() => live()).toThrow(/keys: /)
  })

  test('one function beside one value keeps the value', () => {
    const live = liveGateConfig({ ...options, mode: () => 'off' })
    expect(live()).toMatchObject({ mode: 'off', keys: options.keys })
    expect(liveGateConfig({ ...options, keys: () => options.keys })()).toMatchObject({ mode: 'on' })
  })
})
