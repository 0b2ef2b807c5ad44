/** The gates as plain JavaScript, by the command of docs/gates.md, in an app that has no package and no compiler. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { gateKeysText } from '../support/example.ts'
import { MASTER_SECRET } from '../support/world.ts'

const home = mkdtempSync(join(tmpdir(), 'antichambre-shop-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const GATE = {
  ROOM: 'cars',
  ROOM_URL: 'https://wait.example',
  PUBLIC_URL: 'https://shop.example',
  GATE_KEYS: gateKeysText(MASTER_SECRET, 'cars'),
}

const SHOP = `
const { createServer, get } = require('node:http')
const ours = name => import('./antichambre/' + name + '.mjs')
async function main() {
  const { gateOptionsFrom } = await ours('environment')
  const options = gateOptionsFrom(process.env)
  const inFront = (await ours('node')).gate(options)
  ;(await ours('hono')).gate(options)
  ;(await ours('departures')).createDepartures({ ...options, key: options.keys[0] })
  const { wrap } = (await ours('fetch')).createFetchGate(options)
  const server = createServer((req, res) => inFront(req, res, () => res.end('inside')))
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const headers = { accept: 'text/html' }
  const { port } = server.address()
  const answer = await new Promise(done => get({ port, path: '/sale', headers, agent: false }, done))
  answer.resume()
  const other = await wrap(() => new Response('inside'))(new Request('https://shop.example/sale', { headers }))
  const told = [[answer.statusCode, answer.headers.location], [other.status, other.headers.get('location')]]
  console.log(JSON.stringify(told))
  server.close()
}
main()
`

test('an app of plain JavaScript gets the gates by the command of docs/gates.md', () => {
  const docs = readFileSync('docs/gates.md', 'utf8')
  const [, words = ''] = /^npx esbuild (.+ --outdir=)\.\.\/shop\/antichambre$/m.exec(docs) ?? []
  const others = ['lib/gate/hono.ts', 'lib/gate/fetch.ts']
  const outdir = join(home, 'antichambre')
  execFileSync(resolve('node_modules/.bin/esbuild'), [
    ...others,
    ...`${words}${outdir}`.split(' '),
    '--log-level=error',
  ])
  writeFileSync(join(home, 'shop.cjs'), SHOP)
  const output = execFileSync(process.execPath, ['shop.cjs'], {
    cwd: home,
    env: { ...GATE, PATH: process.env.PATH },
    encoding: 'utf8',
  })
  const toRoom = [
    302,
    expect.stringMatching(/^https:\/\/wait\.example\/r\/cars\?to=https%3A%2F%2F/),
  ]
  expect(JSON.parse(output)).toEqual([toRoom, toRoom])
})
