import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { ARN } from './fake-secrets.ts'
import { closedCohort, folderWith, roomAnswer, startOperator, TOKEN } from './support.ts'

const PROGRAM = resolve('bin/antichambre.ts')
const TSX = resolve('node_modules/tsx/dist/cli.mjs')

/** Runs the program itself in another folder. */
async function program(
  words: string[],
  { input = '', env = {}, folder }: { input?: string; env?: NodeJS.ProcessEnv; folder: string },
) {
  const child = spawn(process.execPath, [TSX, PROGRAM, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  })
  child.stdin.end(input)
  const exited = new Promise<number | null>(done => child.once('close', done))
  const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { exitCode: await exited, output, complaint }
}

describe('the program', () => {
  it('puts a room from standard input', async () => {
    const operator = await startOperator(() => ({ status: 201, body: roomAnswer() }))
    const input = '{"showroomUrl":"https://shop.example/sale"}'
    const env = { ANTICHAMBRE_URL: operator.url, ANTICHAMBRE_TOKEN: TOKEN }
    const { exitCode, output, complaint } = await program(['room', 'put', 'demo', '-'], {
      input,
      env,
      folder: folderWith({}),
    })
    expect(complaint).toBe('')
    expect(output).toBe('room demo: created; phase open, front 120, tail 300\n')
    expect(exitCode).toBe(0)
    expect(operator.received.map(({ body }) => body)).toEqual([input])
  })

  it('reads files from the folder where npm was called, and exits 1 on a failed check', async () => {
    const { record, ticket } = closedCohort()
    const files = { 'r.json': record, 't.json': { ...ticket, place: 1_000 } }
    const called = folderWith(files)
    const env = { npm_lifecycle_event: 'cli', INIT_CWD: called }
    const words = ['verify', '--record', 'r.json', '--ticket', 't.json']
    const { exitCode, output, complaint } = await program(words, { env, folder: folderWith({}) })
    expect(complaint).toBe('')
    expect(output).toContain('not verified: the check "place" failed')
    expect(exitCode).toBe(1)
  })

  it('says one sentence where there is no account, and nothing of Node', async () => {
    const nowhere = { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' }
    const env = { ...nowhere, AWS_EC2_METADATA_DISABLED: 'true' }
    const words = ['keys', 'token', '--secret', ARN]
    const { exitCode, output, complaint } = await program(words, { env, folder: folderWith({}) })
    expect([exitCode, output]).toEqual([2, ''])
    expect(complaint).toMatch(/^antichambre: there are no AWS credentials;[^\n]+\(no-account\)\n$/)
  })

  it('exits 2 on a command that it does not know', async () => {
    const { exitCode, output, complaint } = await program(['rooms'], { folder: folderWith({}) })
    expect([exitCode, output]).toEqual([2, ''])
    expect(complaint).toContain('no command "rooms"')
  })
})
