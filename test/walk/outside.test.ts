/** The running program, driven from outside by HTTP alone. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, type Running, startProcess } from '../support/process.ts'

interface Ticket {
  ticket: string
  id: string
  commitment: string
}

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'antichambre-walk-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function putRoom(running: Running, id: string, config: object): Promise<number> {
  const answer = await fetch(`${running.roomUrl}/operator/api/rooms/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${running.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ showroomUrl: 'http://localhost:1/', ...config }),
  })
  return answer.status
}

/** Joins, at most 25 at a time. */
async function joinMany(running: Running, room: string, count: number): Promise<Ticket[]> {
  const tickets: Ticket[] = []
  const worker = async () => {
    while (tickets.length + inFlight < count) {
      inFlight++
      const answer = await fetch(`${running.roomUrl}/r/${room}/tickets`, { method: 'POST' })
      expect(answer.status).toBe(201)
      tickets.push((await answer.json()) as Ticket)
      inFlight--
    }
  }
  let inFlight = 0
  await Promise.all(Array.from({ length: 25 }, worker))
  return tickets
}

const read = async (running: Running, path: string) => {
  const answer = await fetch(`${running.roomUrl}${path}`)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const in3Seconds = () => new Date(Date.now() + 3_000).toISOString()

/** The script of docs/verify-a-draw.md, which shares no code with us. */
function verifyIndependently(record: unknown, ...words: string[]): string {
  const markdown = readFileSync('docs/verify-a-draw.md', 'utf8')
  const script = /```js\n([\s\S]*?)```/.exec(markdown)?.[1] ?? ''
  const path = folder()
  writeFileSync(join(path, 'verify.mjs'), script)
  writeFileSync(join(path, 'record.json'), JSON.stringify(record))
  const run = spawnSync(process.execPath, ['verify.mjs', 'record.json', ...words], {
    cwd: path,
    encoding: 'utf8',
  })
  expect(run.stderr).toBe('')
  return run.stdout
}

test('a room that opens in 3 s: 500 tickets, whose places, recomputed independently, are 1..500', async () => {
  const running = await startProcess({ OPERATOR_TOKEN: 't' })
  expect(await putRoom(running, 'sale', { opensAt: in3Seconds(), ratePerMinute: 6000 })).toBe(201)
  const tickets = await joinMany(running, 'sale', 500)
  expect(new Set(tickets.map(ticket => ticket.id)).size).toBe(500)
  const status = await eventually(
    () => read(running, '/r/sale/status'),
    answer => answer.body.front === 500,
  )
  expect(status.body).toMatchObject({ phase: 'open', tail: 500 })
  const record = await read(running, '/r/sale/cohorts/0')
  // The tickets given are all that the record counts, and the places of those are 1..500.
  const { sizes } = record.body as { sizes: number[] }
  const counted = sizes.flatMap((size, shard) =>
    Array.from({ length: size }, (_, index) => `0.${shard}.${index}`),
  )
  expect(tickets.map(ticket => ticket.id).sort()).toEqual(counted.sort())
  expect(verifyIndependently(record.body)).toContain(
    '500 tickets have the places 1 to 500, each once',
  )
  for (const { ticket, id, commitment } of tickets.slice(0, 5)) {
    const headers = { cookie: `antichambre.ticket=${ticket}` }
    const told = await (await fetch(`${running.roomUrl}/r/sale/place`, { headers })).json()
    const { place } = told as { place: number }
    expect(verifyIndependently(record.body, id, commitment)).toContain(`${id} has place ${place}\n`)
  }
  expect(await running.stop('SIGINT')).toBe(0)
  expect(running.output()).toContain('Antichambre has stopped.')
})

test('killed half-way and started again: the same tickets, places and front, and the line goes on', async () => {
  const dataDir = folder()
  const environment = { DATA_DIR: dataDir, OPERATOR_TOKEN: 't' }
  const first = await startProcess(environment)
  await putRoom(first, 'sale', { opensAt: in3Seconds(), ratePerMinute: 300 })
  const tickets = await joinMany(first, 'sale', 100)
  const before = await eventually(
    () => read(first, '/r/sale/status'),
    answer => Number(answer.body.front) >= 20,
  )
  const placeOf = async (running: Running, { ticket }: Ticket) => {
    const headers = { cookie: `antichambre.ticket=${ticket}` }
    const answer = await fetch(`${running.roomUrl}/r/sale/place`, { headers })
    return ((await answer.json()) as { place: number }).place
  }
  const places = await Promise.all(tickets.map(ticket => placeOf(first, ticket)))
  const record = await read(first, '/r/sale/cohorts/0')
  await first.stop('SIGKILL')

  const second = await startProcess(environment)
  expect(await Promise.all(tickets.map(ticket => placeOf(second, ticket)))).toEqual(places)
  expect(await read(second, '/r/sale/cohorts/0')).toEqual(record)
  const after = await read(second, '/r/sale/status')
  expect(Number(after.body.front)).toBeGreaterThanOrEqual(Number(before.body.front))
  expect(after.body.tail).toBe(before.body.tail)
  await eventually(
    () => read(second, '/r/sale/status'),
    answer => answer.body.front === before.body.tail,
  )
})

test('a taken port and nonsense options are told in a sentence', async () => {
  const running = await startProcess()
  const port = new URL(running.roomUrl).port
  await expect(startProcess({ PORT: port })).rejects.toThrow(`Port ${port} is taken`)
  await expect(startProcess({ PORT: 'x' })).rejects.toThrow(/PORT: x came, a whole number/)
  await expect(startProcess({}, ['--crowd', '-1'])).rejects.toThrow(/--crowd/)
})

test.each(['/proc/x', '/proc', '/dev/null', '/dev/null/x/y'])(
  'a DATA_DIR that cannot be, %s, is told in a sentence at once, whoever made the secret',
  async dataDir => {
    const told = `could not start: DATA_DIR: ${dataDir} cannot be made a folder of data (E`
    const MASTER_SECRET = JSON.stringify({ current: 'k1', k1: 'x'.repeat(32) })
    await expect(startProcess({ DATA_DIR: dataDir })).rejects.toThrow(told)
    await expect(startProcess({ DATA_DIR: dataDir, MASTER_SECRET })).rejects.toThrow(told)
  },
)

test('two at once on one DATA_DIR: the second says so and ends, the first goes on', async () => {
  const environment = { DATA_DIR: folder(), OPERATOR_TOKEN: 't' }
  const first = await startProcess(environment)
  const told = `could not start: DATA_DIR: ${environment.DATA_DIR} is in use by another process`
  await expect(startProcess(environment)).rejects.toThrow(told)
  await putRoom(first, 'sale', {})
  expect((await read(first, '/r/sale/status')).body).toMatchObject({ room: 'sale' })
})

test('a DATA_DIR is made, with the folders above it', async () => {
  const dataDir = join(folder(), 'a', 'b')
  const running = await startProcess({ DATA_DIR: dataDir })
  expect(readdirSync(dataDir).sort()).toEqual(['dynamodb', 'master-secret.json'])
  await running.stop('SIGKILL')
})

test('a crowd walks the whole way through gate, room and showroom', async () => {
  const running = await startProcess({}, ['--crowd', '12'])
  await eventually(
    async () => running.output(),
    output => /[1-9]\d* walked in/.test(output),
  )
  expect(running.output()).toMatch(/, 0 failed/)
})
