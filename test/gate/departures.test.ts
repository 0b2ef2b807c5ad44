import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDepartures, type DeparturesOptions } from '../../lib/gate/departures.ts'
import {
  WORD_PAUSE_MS,
  WORD_TIMEOUT_MS,
  WORD_TRIES_MAX,
  WORDS_WAITING_MAX,
} from '../../lib/gate/options/limits.ts'
import { AntichambreError } from '../../lib/queue/errors.ts'
import {
  DEPARTURES_BODY_BYTES_MAX,
  DEPARTURES_MAX,
  STOCK,
  TICKET_ID,
} from '../../lib/queue/limits.ts'
import { SIGNATURE_HEADER, signMessage } from '../../lib/queue/tokens/showroom-signature.ts'
import { ticketIdSchema } from '../../lib/runtime/queues.ts'
import { key, NOW_MS } from './browser.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Posted {
  readonly url: string
  readonly init: RequestInit & { headers: Record<string, string>; body: string }
}

/** A room that answers as it is told to: a status, or an error for no answer at all. */
function room(
  answer: (posted: Posted, count: number) => number | Error | Promise<number> = () => 202,
  changes: Partial<DeparturesOptions> = {},
) {
  const posts: Posted[] = []
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const posted = { url: String(url), init: init as Posted['init'] }
    posts.push(posted)
    const status = await answer(posted, posts.length)
    if (status instanceof Error) throw status
    return new Response(null, { status })
  }
  const departures = createDepartures({
    roomUrl: 'https://wait.example/',
    room: 'demo',
    key: KEY,
    fetch,
    chance: () => 1,
    now: () => NOW_MS,
    ...changes,
  })
  return { departures, posts, bodies: () => posts.map(({ init }) => JSON.parse(init.body)) }
}

const KEY = key('k1', 1)
/** A departure as it travels. */
const said = (ticket: string, reason: string) => ({ ticket, reason })
const ACCEPTED = { status: 'accepted' }
const id = (number: number) => `0.${number % 8}.${number}`

describe('what a showroom tells its room', () => {
  test('is signed, with the hash of its body, and follows no redirect', async () => {
    const { departures, posts } = room()
    expect(await departures.left('0.3.41')).toEqual(ACCEPTED)
    expect(await departures.bought('0.3.42')).toEqual(ACCEPTED)
    expect(await departures.stock(12)).toEqual(ACCEPTED)
    const words = [
      ['departures', [said('0.3.41', 'left')]],
      ['departures', [said('0.3.42', 'bought')]],
      ['stock', { left: 12, at: new Date(NOW_MS).toISOString() }],
    ] as const
    expect(posts).toHaveLength(words.length)
    for (const [at, [what, word]] of words.entries()) {
      const { url, init } = posts[at] as Posted
      expect(url).toBe(`https://wait.example/r/demo/${what}`)
      expect(init).toMatchObject({ method: 'POST', redirect: 'manual' })
      expect(JSON.parse(init.body)).toEqual(word)
      expect(init.headers).toEqual({
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signMessage(what, 'demo', init.body, KEY),
        'x-amz-content-sha256': createHash('sha256').update(init.body).digest('hex'),
      })
    }
  })

  test('is signed as docs/departures.md says, for those who write it in another language', async () => {
    const { departures, posts } = room()
    await departures.left('0.3.41')
    await departures.stock(3)
    for (const [at, what] of ['departures', 'stock'].entries()) {
      const { body, headers } = (posts[at] as Posted).init
      const mac = createHmac('sha256', KEY.secret).update(`${what}\ndemo\n${body}`)
      expect(headers['x-antichambre-signature']).toBe(`k1.${mac.digest('base64url')}`)
    }
  })

  test('asks a function for the key at each sending, so that keys may rotate', async () => {
    let current = KEY
    const { departures, posts } = room(undefined, { key: () => current })
    await departures.left('0.0.1')
    current = key('k2', 2)
    await departures.left('0.0.2')
    expect(posts.map(({ init }) => init.headers[SIGNATURE_HEADER]?.split('.')[0])).toEqual([
      'k1',
      'k2',
    ])
  })

  test.each([
    [{ room: 'Demo' }, /^room: /],
    [{ roomUrl: 'wait.example' }, /^roomUrl: /],
    [{ room: '', roomUrl: '' }, /room: .*roomUrl: /],
  ])('%j is refused at once, by name', (changes, message) => {
    expect(() => room(undefined, changes)).toThrow(message)
    expect(() => room(undefined, changes)).toThrow(AntichambreError)
  })
})

describe('batches', () => {
  test('what is told in one moment travels together', async () => {
    const { departures, bodies } = room()
    await Promise.all([departures.left('0.0.1'), departures.bought('0.0.2')])
    expect(bodies()).toEqual([[said('0.0.1', 'left'), said('0.0.2', 'bought')]])
  })

  test.each([
    [DEPARTURES_MAX - 1, [DEPARTURES_MAX - 1]],
    [DEPARTURES_MAX, [DEPARTURES_MAX]],
    [DEPARTURES_MAX + 1, [DEPARTURES_MAX, 1]],
    [2 * DEPARTURES_MAX + 1, [DEPARTURES_MAX, DEPARTURES_MAX, 1]],
  ])('%i departures are batches of %j', async (count, sizes) => {
    const { departures, bodies } = room()
    await Promise.all(Array.from({ length: count }, (_, number) => departures.left(id(number))))
    expect(bodies().map(body => body.length)).toEqual(sizes)
    expect(bodies().flat()).toHaveLength(count)
  })

  test('the longest batch is a body that the room takes', async () => {
    const { departures, posts } = room()
    const longest = '9999999999.999.9999999999'
    await Promise.all(Array.from({ length: DEPARTURES_MAX }, () => departures.bought(longest)))
    expect(posts).toHaveLength(1)
    expect(Buffer.byteLength(posts[0]?.init.body ?? '')).toBeLessThan(DEPARTURES_BODY_BYTES_MAX)
  })

  test('the next batch waits for the one before, and takes all that came meanwhile', async () => {
    const answers: ((status: number) => void)[] = []
    const { departures, bodies } = room(() => new Promise(resolve => void answers.push(resolve)))
    const first = departures.left('0.0.1')
    await vi.advanceTimersByTimeAsync(0)
    const others = [departures.left('0.0.2'), departures.left('0.0.3')]
    await vi.advanceTimersByTimeAsync(0)
    expect(bodies()).toHaveLength(1)
    answers[0]?.(202)
    expect(await first).toEqual(ACCEPTED)
    await vi.advanceTimersByTimeAsync(0)
    expect(bodies().map(body => body.length)).toEqual([1, 2])
    answers[1]?.(404)
    expect(await Promise.all(others)).toEqual(Array(2).fill({ status: 'refused', httpStatus: 404 }))
  })

  test('nobody is lost or told of in a batch that is settled, whatever comes when', async () => {
    const steps = fc.array(fc.record({ told: fc.nat(40), busy: fc.boolean() }), {
      minLength: 1,
      // Never so many refusals in a row that a batch is given up.
      maxLength: WORD_TRIES_MAX - 1,
    })
    await fc.assert(
      fc.asyncProperty(steps, async plan => {
        const answers = plan.map(({ busy }) => (busy ? 503 : 202))
        const { departures, bodies, posts } = room((_, count) => answers[count - 1] ?? 202)
        const outcomes: Promise<unknown>[] = []
        let number = 0
        for (const { told } of plan) {
          for (let one = 0; one < told; one++) outcomes.push(departures.left(id(number++)))
          await vi.advanceTimersByTimeAsync(100)
        }
        await vi.advanceTimersByTimeAsync(WORD_TRIES_MAX * WORD_PAUSE_MS.max * plan.length)
        const settled = await Promise.all(outcomes)
        expect(settled).toEqual(Array(number).fill(ACCEPTED))
        const taken = bodies().filter((_, at) => (answers[at] ?? 202) === 202)
        expect(taken.flat().map(({ ticket }) => ticket)).toEqual(
          Array.from({ length: number }, (_, one) => id(one)),
        )
        expect(posts.length).toBeLessThanOrEqual(number + answers.length)
      }),
      { numRuns: 50 },
    )
  })

  test(`no more than ${WORDS_WAITING_MAX} wait: one more is given up at once`, async () => {
    const { departures } = room(() => new Promise(() => {}))
    void departures.left(id(0))
    await vi.advanceTimersByTimeAsync(0)
    for (let number = 1; number <= WORDS_WAITING_MAX; number++) void departures.left(id(number))
    expect(await departures.left('1.0.0')).toEqual({ status: 'given-up' })
  })
})

describe('a room that is away or busy', () => {
  test.each([
    ['an error of the network', new TypeError('fetch failed')],
    ['503', 503],
    ['500', 500],
    ['429', 429],
  ])('%s is tried again until it is taken', async (_, answer) => {
    const { departures, bodies } = room((_, count) => (count < 3 ? answer : 202))
    const outcome = departures.left('0.0.1')
    await vi.advanceTimersByTimeAsync(WORD_PAUSE_MS.first * 3)
    expect(await outcome).toEqual(ACCEPTED)
    const word = [said('0.0.1', 'left')]
    expect(bodies()).toEqual([word, word, word])
  })

  test('pauses grow to a bound, and tries end', async () => {
    const triedAtMs: number[] = []
    const { departures } = room(() => {
      triedAtMs.push(Date.now())
      return 503
    })
    const outcome = departures.left('0.0.1')
    await vi.runAllTimersAsync()
    expect(await outcome).toEqual({ status: 'given-up' })
    expect(triedAtMs).toHaveLength(WORD_TRIES_MAX)
    const pauses = triedAtMs.slice(1).map((atMs, at) => atMs - (triedAtMs[at] ?? 0))
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000])
    expect(pauses.every(ms => ms <= WORD_PAUSE_MS.max)).toBe(true)
  })

  test('pauses are between half and the whole of their length, by chance', async () => {
    for (const [chance, ms] of [
      [0, 125],
      [1, 250],
    ] as const) {
      const { departures, posts } = room((_, count) => (count < 2 ? 503 : 202), {
        chance: () => chance,
      })
      const outcome = departures.left('0.0.1')
      await vi.advanceTimersByTimeAsync(ms - 1)
      expect(posts).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1)
      expect(posts).toHaveLength(2)
      expect(await outcome).toEqual(ACCEPTED)
    }
  })

  test('gets a bounded time for each answer', async () => {
    const { departures, posts } = room()
    await departures.left('0.0.1')
    expect(posts[0]?.init.signal).toBeInstanceOf(AbortSignal)
    expect(WORD_TIMEOUT_MS).toBeLessThanOrEqual(10_000)
  })

  test('after one that was given up the next is tried as if nothing had been', async () => {
    const { departures } = room((_, count) => (count <= WORD_TRIES_MAX ? 503 : 202))
    const first = departures.left('0.0.1')
    await vi.runAllTimersAsync()
    expect(await first).toEqual({ status: 'given-up' })
    expect(await departures.left('0.0.2')).toEqual(ACCEPTED)
  })

  test('a key that cannot be had now is asked for again, and nothing is thrown', async () => {
    let asked = 0
    const { departures, posts } = room(undefined, {
      key: () => {
        asked++
        if (asked === 1) throw new Error('not yet')
        return KEY
      },
    })
    const outcome = departures.left('0.0.1')
    await vi.advanceTimersByTimeAsync(WORD_PAUSE_MS.first)
    expect(await outcome).toEqual(ACCEPTED)
    expect(posts).toHaveLength(1)
  })
})

describe('a room that refuses', () => {
  test.each([301, 400, 401, 404, 413])('%i is not tried again', async status => {
    const { departures, posts } = room(() => status)
    expect(await departures.left('0.0.1')).toEqual({ status: 'refused', httpStatus: status })
    await vi.runAllTimersAsync()
    expect(posts).toHaveLength(1)
  })

  test('failure mode 5: what no ticket can be is not sent, and stops nobody beside it', async () => {
    const { departures, bodies } = room()
    const bad = ['', 'demo', '0.3', '0.3.41 ', '0.3.41\n', '-1.0.0', '0.0.0.0', 'a.b.c']
    const outcomes = await Promise.all([
      ...bad.map(ticket => departures.left(ticket)),
      departures.bought('0.3.41'),
    ])
    expect(outcomes).toEqual([...bad.map(() => ({ status: 'refused', httpStatus: 400 })), ACCEPTED])
    expect(bodies()).toEqual([[said('0.3.41', 'bought')]])
  })

  test('a ticket id is one here if and only if the room reads it as one', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789.'), maxLength: 26 }),
      fc.tuple(fc.nat(), fc.nat(1_000), fc.nat()).map(parts => parts.join('.')),
      fc.string(),
    )
    fc.assert(
      fc.property(text, ticket => {
        expect(TICKET_ID.test(ticket)).toBe(ticketIdSchema.safeParse(ticket).success)
      }),
    )
  })
})

describe('the stock', () => {
  test.each([
    [STOCK.min, true],
    [STOCK.max, true],
    [STOCK.min - 1, false],
    [STOCK.max + 1, false],
    [1.5, false],
    [Number.NaN, false],
  ])('%d is sent: %s', async (left, isSent) => {
    const { departures, bodies } = room()
    const outcome = await departures.stock(left)
    expect(outcome).toEqual(isSent ? ACCEPTED : { status: 'refused', httpStatus: 400 })
    expect(bodies().map(body => body.left)).toEqual(isSent ? [left] : [])
  })

  test('of the words that wait only the last one travels, and settles all of them', async () => {
    const { departures, bodies } = room()
    const outcomes = [5, 4, 3].map(left => departures.stock(left))
    expect(await Promise.all(outcomes)).toEqual([ACCEPTED, ACCEPTED, ACCEPTED])
    expect(bodies().map(body => body.left)).toEqual([3])
  })

  test('a later word has a later time, within one millisecond and when the clock steps back', async () => {
    let nowMs = NOW_MS
    const { departures, bodies } = room(undefined, { now: () => nowMs })
    for (const left of [3, 2]) await departures.stock(left)
    nowMs -= 5_000
    await departures.stock(1)
    expect(bodies().map(({ at }) => Date.parse(at) - NOW_MS)).toEqual([0, 1, 2])
  })

  test('does not wait for departures that the room does not take', async () => {
    const { departures, bodies } = room(({ url }) => (url.endsWith('/stock') ? 202 : 503))
    void departures.left('0.0.1')
    expect(await departures.stock(7)).toEqual(ACCEPTED)
    expect(bodies().at(-1)).toMatchObject({ left: 7 })
  })
})

test('failure mode 42: no key, signature or ticket is ever printed', async () => {
  const printed = (['log', 'info', 'warn', 'error'] as const).map(name =>
    vi.spyOn(console, name).mockImplementation(() => {}),
  )
  const { departures } = room(() => new TypeError('0.3.41'))
  void departures.left('0.3.41')
  await vi.runAllTimersAsync()
  for (const spy of printed) {
    expect(spy).not.toHaveBeenCalled()
    spy.mockRestore()
  }
})
