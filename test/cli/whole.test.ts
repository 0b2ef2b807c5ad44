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
