/** `npm start`: the waiting room and a demonstration showroom on one machine, without AWS. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startCrowd } from '../lib/local/crowd.ts'
import { DEMO_OPENS_AFTER_SECONDS, DEMO_ROOM, DEMO_STOCK, startDemo } from '../lib/local/demo.ts'
import { startLocalServer, stopListening } from '../lib/local/server.ts'

const CROWD_MAX = 5_000

const HELP = `npm start -- [--crowd N] [--help]

Starts a waiting room and a demonstration showroom (${DEMO_STOCK} cars) behind its gate.

  --crowd N         N simulated visitors walk the whole way beside you (0 to ${CROWD_MAX})

Environment:
  PORT              visitors and operators (8080)
  SHOWROOM_PORT     the showroom (8081)
  OPERATOR_TOKEN    the operator's token; made and printed when not set
  DATA_DIR          a folder that keeps rooms, tickets and keys between runs
  DYNAMODB_ENDPOINT another DynamoDB server instead of the embedded one
  SQS_ENDPOINT      another SQS server instead of the embedded one
  MASTER_SECRET     the master secret (JSON), when not kept in DATA_DIR`

await main().catch(error => {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${port} is taken; set PORT or SHOWROOM_PORT to another one.`
      : `Antichambre could not start: ${error instanceof Error ? error.message : error}`,
  )
  process.exit(1)
})

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { crowd: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return console.log(HELP)
  const crowd = wholeNumber('--crowd', values.crowd ?? '0', CROWD_MAX)
  const { env } = process
  // The SDK's warning about future versions of Node is for deployments, and those run on Node 24.
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const dataDir = env.DATA_DIR || undefined
  const databasePath = dataDir === undefined ? undefined : databaseFolder(dataDir)
  const sayAndExit = (error: Error) => {
    // When another process has its files open, dynalite throws where nobody can catch it.
    const inUse = error.message === 'Database is closed'
    console.error(
      inUse
        ? `Antichambre could not start: DATA_DIR: ${dataDir} is in use by another process`
        : error,
    )
    process.exit(1)
  }
  process.on('uncaughtException', sayAndExit)
  const local = await startLocalServer({
    port: wholeNumber('PORT', env.PORT ?? '8080', 65_535),
    operatorToken: env.OPERATOR_TOKEN || undefined,
    masterSecret: env.MASTER_SECRET || masterSecret(dataDir),
    databasePath,
    dynamoEndpoint: env.DYNAMODB_ENDPOINT || undefined,
    sqsEndpoint: env.SQS_ENDPOINT || undefined,
  })
  const demo = await startDemo(
    local,
    wholeNumber('SHOWROOM_PORT', env.SHOWROOM_PORT ?? '8081', 65_535),
  )
  process.off('uncaughtException', sayAndExit)
  console.log(`Antichambre is ready.

  Showroom         ${demo.url}/   (begin here)
  Waiting room     ${local.url}/r/${DEMO_ROOM}
  Operator API     ${local.url}/operator/api/rooms
  Operator token   ${env.OPERATOR_TOKEN ? '(from OPERATOR_TOKEN)' : local.keys.operatorToken}
  Data             ${dataDir ?? 'in memory; set DATA_DIR to keep it'}

The sale opens by itself ${DEMO_OPENS_AFTER_SECONDS} s after the first visitor. Ctrl-C stops.`)

  const stopped = new AbortController()
  const reporter = crowd === 0 ? undefined : runCrowd(demo.url, crowd, stopped.signal)
  const stop = async () => {
    if (stopped.signal.aborted) return
    stopped.abort()
    clearInterval(reporter)
    demo.stop()
    await stopListening(demo.server)
    await local.close()
    console.log('\nAntichambre has stopped.')
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function runCrowd(showroomUrl: string, visitors: number, signal: AbortSignal): NodeJS.Timeout {
  const arriveMs = 8_000
  const { counts, done } = startCrowd({
    showroomUrl,
    visitors,
    arriveMs,
    chance: Math.random,
    signal,
  })
  const report = () => {
    const { joined, entered, bought, left, failed } = counts
    console.log(
      `Crowd of ${visitors}: ${joined} joined, ${entered} walked in, ${bought} bought, ${left} left, ${failed} failed`,
    )
  }
  const timer = setInterval(report, 5_000)
  void done.then(() => {
    clearInterval(timer)
    if (!signal.aborted) report()
  })
  return timer
}

/** @throws Error where the folder is not there and cannot be made. */
function databaseFolder(dataDir: string): string {
  const path = join(dataDir, 'dynamodb')
  try {
    makeFolder(resolve(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`DATA_DIR: ${dataDir} cannot be made a folder of data (${code})`)
  }
  return path
}

/** One folder after the other: with `recursive` Node tries for ever in a folder such as /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Kept where the data is: in its folder, or in memory. */
function masterSecret(dataDir: string | undefined): string {
  const made = JSON.stringify({ current: 'k1', k1: randomBytes(48).toString('base64url') })
  if (dataDir === undefined) return made
  const file = join(dataDir, 'master-secret.json')
  if (!existsSync(file)) writeFileSync(file, made, { mode: 0o600 })
  chmodSync(file, 0o600)
  return readFileSync(file, 'utf8')
}

function wholeNumber(name: string, text: string, max: number): number {
  if (/^\d{1,7}$/.test(text) && Number(text) <= max) return Number(text)
  throw new Error(`${name}: ${text} came, a whole number from 0 to ${max} is allowed`)
}
