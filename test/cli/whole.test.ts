import { serve } from '@hono/node-server'
import { expect, it, onTestFinished } from 'vitest'
import {
  createVisitor,
  createWorld,
  OPERATOR_TOKEN,
  SHOWROOM,
  type World,
} from '../support/world.ts'
import { folderWith, run } from './support.ts'

/** The operators' real application, over HTTP. */
async function served(world: World): Promise<string> {
  return new Promise(resolve => {
    const options = { fetch: world.operators.fetch, port: 0, hostname: '127.0.0.1' }
    const server = serve(options, ({ port }) => resolve(`http://127.0.0.1:${port}`))
    onTestFinished(() => void server.close())
  })
}

it('The real operators’ application takes every command, and a drawn place is verified', async () => {
  const world = await createWorld()
  const url = await served(world)
  const cli = async (...words: string[]) => {
    const env = { ANTICHAMBRE_TOKEN: OPERATOR_TOKEN }
    const input = JSON.stringify({ showroomUrl: SHOWROOM, opensAt: null })
    const { exitCode, output, complaint } = await run(words, { url, env, input })
    expect([words, exitCode, complaint]).toEqual([words, 0, ''])
    return output
  }
  expect(await cli('room', 'put', 'demo', '-')).toContain('created; phase gathering')
  expect(await cli('room', 'put', 'demo', '-')).toContain('replaced; phase gathering')
  expect(await cli('room', 'list')).toMatch(/^demo +gathering/m)

  const visitor = createVisitor(world.visitors)
  const joined = await visitor.post('/tickets')
  expect(joined.status).toBe(201)

  expect(await cli('room', 'open', 'demo')).toContain('opened; phase open')
  await world.run('demo', 5)
  expect(await cli('room', 'pause', 'demo')).toContain('paused; phase paused')
  expect(await cli('room', 'resume', 'demo')).toContain('resumed; phase open')
  expect(await cli('room', 'set', 'demo', 'stock=97', 'capacity=null')).toContain('changed')
  expect(await cli('room', 'get', 'demo')).toMatch(/^stock +97$/m)
  expect(await cli('room', 'history', 'demo')).toContain('changed')

  const record = await visitor.get(`/cohorts/${joined.body.cohort}`)
  const folder = folderWith({ 'r.json': record.body, 't.json': joined.body })
  const verified = await run(['verify', '--record', 'r.json', '--ticket', 't.json'], { folder })
  expect([verified.exitCode, verified.complaint]).toEqual([0, ''])
  const { place } = (await visitor.get('/place')).body
  expect(verified.output).toContain(`verified: place ${place}\n`)

  const plan = '2026-12-01T06:30:00Z=900,2026-12-01T07:00:00Z=300'
  expect(await cli('room', 'set', 'demo', `ratePlan=${plan}`, 'mode=auto')).toContain('changed')
  expect(await cli('room', 'get', 'demo')).toMatch(new RegExp(`^ratePlan +${plan}$`, 'm'))
  expect(await cli('room', 'set', 'demo', 'stockLeft=40', 'health.errorRate=0.1')).toContain(
    'changed',
  )
  expect(await cli('room', 'get', 'demo')).toMatch(/^health\.errorRate +0\.1$/m)
  expect(await cli('room', 'let-in', 'demo', '50')).toContain('lets 50 more in')
  expect(await cli('room', 'health', 'demo', '--alarm', 'on')).toContain('heard of its showroom')
  const health = ['--latency-ms', '120', '--error-rate', '0.01']
  expect(await cli('room', 'health', 'demo', ...health)).toContain('heard of its showroom')

  expect(await cli('room', 'end', 'demo')).toContain('ended; phase ended')
  expect(await cli('room', 'delete', 'demo')).toBe('room demo: deleted\n')
  expect(await cli('room', 'list')).toBe('no rooms\n')
})

it('The real operators’ application refuses a wrong token and names every mistake', async () => {
  const url = await served(await createWorld())
  const wrong = await run(['room', 'list'], { url, env: { ANTICHAMBRE_TOKEN: 'another' } })
  expect(wrong.exitCode).toBe(1)
  expect(wrong.complaint).toContain('(unauthorized)')
  const input = JSON.stringify({ showroomUrl: SHOWROOM, stock: -1, colour: 'red' })
  const env = { ANTICHAMBRE_TOKEN: OPERATOR_TOKEN }
  const refused = await run(['room', 'put', 'demo', '-'], { url, env, input })
  expect(refused.exitCode).toBe(1)
  for (const name of ['stock', 'colour']) expect(refused.complaint).toContain(name)
  const unknown = await run(['room', 'get', 'demo'], { url, env })
  expect(unknown.complaint).toContain('(unknown-room)')
})

it('The real operators’ application makes the links of `invite`, which open the line of their group', async () => {
  const world = await createWorld()
  const url = await served(world)
  const env = { ANTICHAMBRE_TOKEN: OPERATOR_TOKEN }
  const groups = [{ name: 'members', sharePercent: 20 }]
  const input = JSON.stringify({ showroomUrl: SHOWROOM, groups })
  expect((await run(['room', 'put', 'demo', '-'], { url, env, input })).exitCode).toBe(0)
  await world.run('demo', 2)
  const words = ['invite', 'demo', '--group', 'members', '--count', '2', '--expires']
  const made = await run([...words, '2026-12-02T06:00:00Z'], { url, env })
  expect([made.exitCode, made.complaint]).toEqual([0, ''])
  const [header, ...links] = made.output.trimEnd().split('\n')
  expect([header, links.length]).toEqual(['id,url', 2])
  const link = new URL(links[0]?.split(',')[1] ?? '')
  const token = link.searchParams.get('antichambre-invitation')
  const guest = createVisitor(world.visitors, 'demo~members')
  expect((await guest.post('/tickets', { invitation: token, holder: 'h'.repeat(22) })).status).toBe(
    201,
  )

  const past = await run([...words, '2020-01-01T00:00:00Z'], { url, env })
  expect([past.exitCode, past.complaint]).toEqual([1, expect.stringContaining('expiresAt')])
  const strangers = await run(['invite', 'demo', '--group', 'strangers'], { url, env })
  expect(strangers.complaint).toContain('members is allowed')
})

it('The real operators’ application names what changed since the version that was looked at', async () => {
  const url = await served(await createWorld())
  const env = { ANTICHAMBRE_TOKEN: OPERATOR_TOKEN }
  const cli = (...words: string[]) =>
    run(words, { url, env, input: JSON.stringify({ showroomUrl: SHOWROOM }) })
  await cli('room', 'put', 'demo', '-')
  const seen = JSON.parse((await cli('room', 'get', 'demo', '--json')).output).version
  const mine = ['room', 'set', 'demo', 'stock=5', '--if-version', String(seen)]
  await cli('room', 'set', 'demo', 'ratePerMinute=900', 'message=More cars')
  const refused = await cli(...mine)
  expect(refused.exitCode).toBe(1)
  expect(refused.complaint).toMatch(/\(edit-conflict\)\n/)
  expect(refused.complaint).toMatch(/^ {2}ratePerMinute +900$/m)
  expect(refused.complaint).toMatch(/^ {2}message +More cars$/m)
  const latest = /--if-version (\d+)/.exec(refused.complaint)?.[1] ?? ''
  const taken = await cli(...mine.slice(0, -1), latest)
  expect([taken.exitCode, taken.complaint]).toEqual([0, ''])
})
