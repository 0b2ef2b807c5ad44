import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SETTABLE } from '../../../lib/cli/room/room-fields.ts'
import { roomPatchSchema } from '../../../lib/queue/room/config.ts'
import { answerAll, folderWith, only, roomAnswer, run, startOperator, TOKEN } from '../support.ts'

const ROOM = '/operator/api/rooms/demo'
const CONFIG = { showroomUrl: 'https://shop.example/sale', message: 'Bonjour à tous' }

/** Words, and the request they make. */
const REQUESTS: [string[], string, string, unknown][] = [
  [['room', 'put', 'demo', 'room.json'], 'PUT', ROOM, CONFIG],
  [['room', 'get', 'demo'], 'GET', ROOM, undefined],
  [['room', 'open', 'demo'], 'POST', `${ROOM}/open`, undefined],
  [['room', 'pause', 'demo'], 'POST', `${ROOM}/pause`, undefined],
  [['room', 'resume', 'demo'], 'POST', `${ROOM}/resume`, undefined],
  [['room', 'end', 'demo'], 'POST', `${ROOM}/end`, undefined],
  [['room', 'set', 'demo', 'stock=97'], 'PATCH', ROOM, { stock: 97 }],
  [['room', 'let-in', 'demo', '50'], 'POST', `${ROOM}/let-in`, { places: 50 }],
  [
    ['room', 'health', 'demo', '--latency-ms', '850.5', '--error-rate', '0.01'],
    'POST',
    `${ROOM}/health`,
    { latencyMs: 850.5, errorRate: 0.01 },
  ],
  [['room', 'health', 'demo', '--alarm', 'on'], 'POST', `${ROOM}/health`, { alarm: true }],
  [['room', 'health', 'demo', '--alarm', 'off'], 'POST', `${ROOM}/health`, { alarm: false }],
  [['room', 'delete', 'demo'], 'DELETE', ROOM, undefined],
]

describe('the requests', () => {
  it.each(REQUESTS)('of %j carry token and body hash', async (words, method, path, body) => {
    const operator = await startOperator(answerAll)
    const folder = folderWith({ 'room.json': CONFIG })
    const { exitCode, complaint } = await run(words, { url: operator.url, folder })
    expect(complaint).toBe('')
    expect(exitCode).toBe(0)
    expect(operator.received).toHaveLength(1)
    const received = only(operator.received)
    expect([received.method, received.path]).toEqual([method, path])
    expect(received.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(received.body === '' ? undefined : JSON.parse(received.body)).toEqual(body)
    expect(received.headers['content-type']).toBe(body && 'application/json')
    const hash = createHash('sha256').update(received.body).digest('hex')
    expect(received.headers['x-amz-content-sha256']).toBe(method === 'GET' ? undefined : hash)
  })

  it('go below the path of --url, which wins over the environment, as --token does', async () => {
    const operator = await startOperator(() => ({ body: { rooms: [] } }))
    for (const base of ['/sub/path', '/sub/path/']) {
      await run(['room', 'list', '--url', `${operator.url}${base}`, '--token=-other'], {
        url: 'http://unused.invalid',
      })
    }
    for (const { path, headers } of operator.received) {
      expect(path).toBe('/sub/path/operator/api/rooms')
      expect(headers.authorization).toBe('Bearer -other')
    }
    expect(operator.received).toHaveLength(2)
  })
})

describe('room get', () => {
  it('aligns the room and its configuration', async () => {
    const { url } = await startOperator(() => ({ body: roomAnswer() }))
    const { output } = await run(['room', 'get', 'demo'], { url })
    expect(output.split('\n')).toEqual([
      'room            demo',
      'phase           open',
      'front           120',
      'tail            300',
      'version         3',
      'showroomUrl     https://shop.example/sale',
      'allowedOrigins  https://shop.example, https://www.shop.example',
      'closesAt        -',
      'ratePerMinute   600',
      'message         -',
      '',
    ])
  })

  it('shows plans, groups and health as `room set` spells them, and what bounds admission', async () => {
    const config = {
      ratePlan: [
        { at: '2026-12-01T06:00:00Z', ratePerMinute: 600 },
        { at: '2026-12-01T06:30:00Z', ratePerMinute: 900 },
      ],
      groups: [{ name: 'members', sharePercent: 20 }],
      health: { latencyMs: 2000, errorRate: 0.05 },
      allowedOrigins: [],
    }
    const state = { front: 1, tail: 2, binding: 'capacity' }
    const { url } = await startOperator(() => ({ body: roomAnswer({ config, state }) }))
    const { output } = await run(['room', 'get', 'demo'], { url })
    const rows = output.trimEnd().split('\n')
    expect(rows.map(row => row.split(/ {2,}/))).toEqual([
      ['room', 'demo'],
      ['phase', 'open'],
      ['front', '1'],
      ['tail', '2'],
      ['binding', 'capacity'],
      ['version', '3'],
      ['ratePlan', '2026-12-01T06:00:00Z=600,2026-12-01T06:30:00Z=900'],
      ['groups', 'members=20'],
      ['health.latencyMs', '2000'],
      ['health.errorRate', '0.05'],
      ['allowedOrigins', '-'],
    ])
  })

  it('prints the answer as it came with --json, even one that it does not understand', async () => {
    for (const body of [roomAnswer(), { another: 'shape' }]) {
      const { url } = await startOperator(() => ({ body }))
      const { exitCode, output } = await run(['room', 'get', 'demo', '--json'], { url })
      expect(exitCode).toBe(0)
      expect(JSON.parse(output)).toEqual(body)
    }
  })

  it('says what is wrong with an answer that it does not understand', async () => {
    const { url } = await startOperator(() => ({ body: { room: 'demo' } }))
    const { exitCode, complaint } = await run(['room', 'get', 'demo'], { url })
    expect(exitCode).toBe(1)
    expect(complaint).toContain('phase, config, state, version')
    expect(complaint).toContain('--json')
  })

  it('lets no text of the server steer the terminal', async () => {
    const config = { message: 'red \u001b[31m\u202e\u2028 end\r\n' }
    const { url } = await startOperator(() => ({ body: roomAnswer({ config }) }))
    const { output } = await run(['room', 'get', 'demo'], { url })
    expect(output).toContain('message  red ·[31m·· end··')
  })
})

describe('room list', () => {
  it('aligns rooms, phases and waking times', async () => {
    const rooms = [
      { room: 'a', phase: 'gathering', wakesAtMs: Date.parse('2026-12-01T06:00:00Z') },
      { room: 'long-name', phase: 'open', wakesAtMs: null },
    ]
    const { url } = await startOperator(() => ({ body: { rooms } }))
    expect((await run(['room', 'list'], { url })).output).toBe(
      [
        'ROOM       PHASE      WAKES',
        'a          gathering  2026-12-01T06:00:00Z',
        'long-name  open       -',
        '',
      ].join('\n'),
    )
    expect(JSON.parse((await run(['room', 'list', '--json'], { url })).output)).toEqual({ rooms })
  })

  it('says that there are none', async () => {
    const { url } = await startOperator(() => ({ body: { rooms: [] } }))
    expect((await run(['room', 'list'], { url })).output).toBe('no rooms\n')
  })
})

describe('room open, pause, resume, end', () => {
  it('say what was done and how the room stands', async () => {
    const { url } = await startOperator(answerAll)
    for (const [action, done] of [
      ['open', 'opened'],
      ['pause', 'paused'],
      ['resume', 'resumed'],
      ['end', 'ended'],
    ] as const) {
      const { exitCode, output } = await run(['room', action, 'demo'], { url })
      expect(exitCode).toBe(0)
      expect(output).toBe(`room demo: ${done}; phase open, front 120, tail 300\n`)
    }
  })
})

describe('room set', () => {
  it('sends numbers as numbers, null as null, texts as texts', async () => {
    const operator = await startOperator(answerAll)
    const pairs = [
      'ratePerMinute=0',
      'capacity=null',
      'stock=100000000',
      'message=a=b, 12',
      'opensAt=2026-12-01T07:00:00+01:00',
      'closesAt=null',
    ]
    const { exitCode } = await run(['room', 'set', 'demo', ...pairs], { url: operator.url })
    expect(exitCode).toBe(0)
    expect(JSON.parse(only(operator.received).body)).toEqual({
      ratePerMinute: 0,
      capacity: null,
      stock: 100_000_000,
      message: 'a=b, 12',
      opensAt: '2026-12-01T07:00:00+01:00',
      closesAt: null,
    })
  })

  it('sends a plan, a mode, fractions and the fields of health, and takes a plan away', async () => {
    const operator = await startOperator(answerAll)
    const pairs = [
      'mode=auto',
      'ratePlan=2026-12-01T06:00:00Z=600,2026-12-01T07:30:00+01:00=900',
      'stockLeft=5',
      'health.latencyMs=900',
      'health.errorRate=0.02',
    ]
    await run(['room', 'set', 'demo', ...pairs], { url: operator.url })
    await run(['room', 'set', 'demo', 'ratePlan=null'], { url: operator.url })
    await run(['room', 'set', 'demo', 'ratePlan='], { url: operator.url })
    expect(operator.received.map(({ body }) => JSON.parse(body))).toEqual([
      {
        mode: 'auto',
        ratePlan: [
          { at: '2026-12-01T06:00:00Z', ratePerMinute: 600 },
          { at: '2026-12-01T07:30:00+01:00', ratePerMinute: 900 },
        ],
        stockLeft: 5,
        health: { latencyMs: 900, errorRate: 0.02 },
      },
      { ratePlan: [] },
      { ratePlan: [] },
    ])
  })

  it('names exactly the fields that a running room lets change', () => {
    const names = SETTABLE.map(name => name.split('.')[0])
    expect([...new Set(names)].sort()).toEqual(Object.keys(roomPatchSchema.shape).sort())
  })

  it('takes every number up to its bound, and none beyond', async () => {
    const { url } = await startOperator(answerAll)
    for (const [pair, exitCode] of [
      ['ratePerMinute=1000000', 0],
      ['ratePerMinute=1000001', 2],
      ['capacity=1', 0],
      ['capacity=0', 2],
      ['stock=0', 0],
      ['stock=-1', 2],
      ['health.errorRate=1', 0],
      ['health.errorRate=1.1', 2],
      ['ratePlan=2026-12-01T06:00:00Z=1000000', 0],
      ['ratePlan=2026-12-01T06:00:00Z=1000001', 2],
      [`message=${'x'.repeat(400)}`, 0],
      [`message=${'x'.repeat(401)}`, 2],
    ] as const) {
      const outcome = await run(['room', 'set', 'demo', pair], { url })
      expect([pair, outcome.exitCode]).toEqual([pair, exitCode])
    }
  })
})

describe('room let-in and room health', () => {
  it('say what was done and how the room stands', async () => {
    const { url } = await startOperator(answerAll)
    const letIn = await run(['room', 'let-in', 'demo', '50'], { url })
    expect(letIn.output).toBe('room demo: lets 50 more in; phase open, front 120, tail 300\n')
    const health = await run(['room', 'health', 'demo', '--alarm', 'off'], { url })
    expect(health.output).toBe(
      'room demo: heard of its showroom; phase open, front 120, tail 300\n',
    )
  })

  it('take every number up to its bound', async () => {
    const { url } = await startOperator(answerAll)
    for (const [words, exitCode] of [
      [['let-in', 'demo', '1'], 0],
      [['let-in', 'demo', '100000'], 0],
      [['health', 'demo', '--latency-ms', '0', '--error-rate', '0'], 0],
      [['health', 'demo', '--latency-ms', '600000', '--error-rate', '1'], 0],
      [['health', 'demo', '--latency-ms=-1', '--error-rate', '0'], 2],
      [['health', 'demo', '--latency-ms', '0', '--error-rate=-0.1'], 2],
    ] as const) {
      const outcome = await run(['room', ...words], { url })
      expect([words, outcome.exitCode]).toEqual([words, exitCode])
    }
  })
})

describe('room delete', () => {
  it('says so, though the server answers without a body', async () => {
    const { url } = await startOperator(answerAll)
    expect((await run(['room', 'delete', 'demo'], { url })).output).toBe('room demo: deleted\n')
    const { output } = await run(['room', 'delete', 'demo', '--json'], { url })
    expect(JSON.parse(output)).toEqual({ room: 'demo', deleted: true })
  })
})

describe('room history', () => {
  it('shows time, kind and facts of each entry in the order that came', async () => {
    const entries = [
      {
        atMs: Date.parse('2026-12-01T06:01:00.250Z'),
        kind: 'minute',
        facts: { front: 9, tail: 12 },
      },
      { atMs: Date.parse('2026-12-01T06:00:00Z'), kind: 'open', facts: {} },
    ]
    const operator = await startOperator(() => ({ body: { entries } }))
    const { output } = await run(['room', 'history', 'demo'], { url: operator.url })
    expect(only(operator.received).path).toBe(`${ROOM}/history`)
    expect(output.split('\n')).toEqual([
      'TIME                      KIND    FACTS',
      '2026-12-01T06:01:00.250Z  minute  front=9 tail=12',
      '2026-12-01T06:00:00Z      open',
      '',
    ])
  })

  it('says that there is none yet', async () => {
    const { url } = await startOperator(() => ({ body: { entries: [] } }))
    expect((await run(['room', 'history', 'demo'], { url })).output).toBe('no history yet\n')
  })
})
