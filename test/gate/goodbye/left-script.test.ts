/** The script that says goodbye, alone, where a real browser is hard to bring to (test/browser has one). */
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { LEFT_SCRIPT } from '../../../lib/gate/goodbye/left-script.ts'

type Listener = (event: object) => void

interface Given {
  src?: string | null
  isFramed?: boolean
  storage?: Map<string, string> | 'blocked' | 'full'
  hasBeacon?: boolean
}

/** A page of the showroom as the script sees it. */
function page(given: Given = {}) {
  const { src = 'https://shop.example/antichambre/left.js', storage = new Map() } = given
  const said: string[] = []
  const listeners = new Map<string, Listener[]>()
  const timers: { run: () => void; dueMs: number }[] = []
  let nowMs = 1_000_000
  const listen = (name: string, listener: Listener) =>
    listeners.set(name, [...(listeners.get(name) ?? []), listener])
  const self = { name: 'self' }
  const document = {
    currentScript: src === null ? null : { src },
    baseURI: 'https://shop.example/sale',
    hidden: false,
    addEventListener: listen,
  }
  runInNewContext(LEFT_SCRIPT, {
    self,
    top: given.isFramed ? { name: 'top' } : self,
    document,
    location: new URL('https://shop.example/sale'),
    URL,
    Date: { now: () => nowMs },
    navigator: {
      sendBeacon: given.hasBeacon === false ? undefined : (to: string) => said.push(to),
    },
    addEventListener: listen,
    setTimeout: (run: () => void, ms: number) => timers.push({ run, dueMs: nowMs + ms }),
    setInterval: () => {},
    get localStorage() {
      if (storage === 'blocked') throw new Error('SecurityError')
      return storageOf(storage)
    },
  })
  return {
    said,
    storage,
    fire: (name: string, event: object = {}) => {
      for (const listener of listeners.get(name) ?? []) listener(event)
    },
    pass: (ms: number) => {
      nowMs += ms
      const due = timers.filter(timer => timer.dueMs <= nowMs)
      for (const timer of due) timers.splice(timers.indexOf(timer), 1)
      for (const { run } of due) run()
    },
  }
}

function storageOf(storage: Map<string, string> | 'full') {
  const map = storage === 'full' ? new Map<string, string>() : storage
  return {
    get length() {
      return map.size
    },
    key: (at: number) => [...map.keys()][at] ?? null,
    getItem: (name: string) => map.get(name) ?? null,
    removeItem: (name: string) => map.delete(name),
    setItem: (name: string, value: unknown) => {
      if (storage === 'full') throw new Error('QuotaExceededError')
      map.set(name, String(value))
    },
  }
}

const LEFT = 'https://shop.example/antichambre/left'
const BACK = 'https://shop.example/antichambre/back'
const link = (href: string, target: string | null = null) => {
  const attributes: Record<string, string | null> = { href, target }
  const element = { getAttribute: (name: string) => attributes[name] ?? null }
  return { target: { closest: () => element }, defaultPrevented: false }
}

describe('the script', () => {
  test('says goodbye when the page goes, to the place it came from', () => {
    const shop = page()
    shop.fire('pagehide', { persisted: false })
    expect(shop.said).toEqual([LEFT])
  })

  test('is silent when the page may come back from the back/forward cache, and is here again then', () => {
    const shop = page()
    shop.fire('pagehide', { persisted: true })
    expect(shop.said).toEqual([])
    expect([...(shop.storage as Map<string, string>).keys()]).toEqual([])
    shop.fire('pageshow', { persisted: true })
    expect((shop.storage as Map<string, string>).size).toBe(1)
    shop.fire('pagehide', { persisted: false })
    expect(shop.said).toEqual([LEFT])
  })

  test('is silent while another page is open, whichever was opened first', () => {
    const storage = new Map<string, string>()
    const [one, other] = [page({ storage }), page({ storage })]
    one.fire('pagehide', { persisted: false })
    expect(one.said).toEqual([])
    other.fire('pagehide', { persisted: false })
    expect(other.said).toEqual([LEFT])
  })

  test.each([
    [899_999, []],
    [900_000, [LEFT]],
  ])('a sign of life %i ms old is answered by %j', (ageMs, said) => {
    const storage = new Map<string, string>()
    const crashed = page({ storage })
    expect(crashed.said).toEqual([])
    const shop = page({ storage })
    shop.pass(ageMs)
    shop.fire('pagehide', { persisted: false })
    expect(shop.said).toEqual(said)
    expect([...storage.keys()].some(name => name.includes(' page '))).toBe(said.length === 0)
  })

  test.each([
    ['a link of this site', link('/next'), []],
    ['one that stays in this tab', link('/next', '_self'), []],
    ['one that opens another tab', link('/next', '_blank'), [LEFT]],
    ['a link to another site', link('https://other.example/'), [LEFT]],
    ['a link to nowhere', link('https://['), [LEFT]],
    ['a link that a script took over', { ...link('/next'), defaultPrevented: true }, [LEFT]],
  ])('after %s was used, without the Navigation API', (_, event, said) => {
    const shop = page()
    shop.fire('click', event)
    shop.fire('pagehide', { persisted: false })
    expect(shop.said).toEqual(said)
  })

  test('a link that led nowhere keeps it silent for ten seconds and no longer', () => {
    for (const [ms, said] of [
      [9_999, []],
      [10_000, [LEFT]],
    ] as const) {
      const shop = page()
      shop.fire('click', link('/file.pdf'))
      shop.pass(ms)
      shop.fire('pagehide', { persisted: false })
      expect(shop.said).toEqual(said)
    }
  })

  test('the next page takes the goodbye back, two seconds later, once', () => {
    const storage = new Map<string, string>()
    page({ storage }).fire('pagehide', { persisted: false })
    const next = page({ storage })
    next.pass(1_999)
    expect(next.said).toEqual([])
    next.pass(1)
    expect(next.said).toEqual([BACK])
    next.fire('pageshow')
    next.pass(60_000)
    expect(next.said).toEqual([BACK])
  })

  test.each([
    ['it stands in a frame', { isFramed: true }],
    ['it is a module', { src: null }],
    ['it came from another origin', { src: 'https://cdn.example/antichambre/left.js' }],
    ['the browser knows no beacon', { hasBeacon: false }],
    ['storage is forbidden', { storage: 'blocked' }],
    ['storage is full', { storage: 'full' }],
  ] as const)('does nothing where %s', (_, given) => {
    const shop = page(given)
    shop.fire('pageshow')
    shop.fire('pagehide', { persisted: false })
    expect(shop.said).toEqual([])
  })

  test('two gates of one host do not hear of each other’s pages', () => {
    const storage = new Map<string, string>()
    page({ storage, src: 'https://shop.example/other/left.js' })
    const shop = page({ storage })
    shop.fire('pagehide', { persisted: false })
    expect(shop.said).toEqual([LEFT])
  })
})

test('failure modes 24 and 42: the script knows no ticket, no token and no cookie', () => {
  expect(LEFT_SCRIPT).not.toMatch(/cookie|token|ticket|session/i)
})
