/** The processes that a run needs: the database, bare Hono, and the room as `npm start` runs it. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * `lease-refused`: the cohort was closed; DynamoDB takes its price all the same.
 * `room`: state, configuration, records, history and the clock's list.
 */
export type WriteKind =
  | 'lease'
  | 'lease-refused'
  | 'give-back'
  | 'close'
  | 'claim'
  | 'entries'
  | 'room'
export type WriteCounts = Readonly<Partial<Record<WriteKind, number>>>

export interface Bare {
  readonly port: number
  readonly pid: number
  /** What it answers under `/answers/<name>` from now on. */
  keep(name: string, answer: object): Promise<void>
}

export interface Database {
  readonly endpoint: string
  counts(): Promise<WriteCounts>
}

export interface Room {
  readonly port: number
  readonly pid: number
  readonly masterSecret: string
  readonly operatorToken: string
}

export interface Processes {
  readonly bare: Bare
  readonly database: Database
  readonly room: Room
  stop(): Promise<void>
}

const START_MS_MAX = 60_000

/** @param serverArgs for Node, before the server's file: a profiler, for instance. */
export async function startProcesses(serverArgs: readonly string[] = []): Promise<Processes> {
  const children: ChildProcess[] = []
  const stop = async () => {
    for (const child of children.toReversed()) await end(child)
  }
  try {
    const [database, bare] = await Promise.all([startDatabase(children), startBare(children)])
    const room = await startRoom(children, database.endpoint, serverArgs)
    return { bare, database, room, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startDatabase(children: ChildProcess[]): Promise<Database> {
  const child = forked(children, './database.ts')
  const { endpoint } = await message<{ endpoint: string }>(child)
  return {
    endpoint,
    async counts() {
      child.send('counts')
      return (await message<{ counts: WriteCounts }>(child)).counts
    },
  }
}

async function startBare(children: ChildProcess[]): Promise<Bare> {
  const child = forked(children, '../sale/bare.ts')
  const { port } = await message<{ port: number }>(child)
  return {
    port,
    pid: child.pid ?? 0,
    async keep(name, answer) {
      child.send({ name, answer })
      await message(child)
    },
  }
}

async function startRoom(
  children: ChildProcess[],
  dynamoEndpoint: string,
  serverArgs: readonly string[],
): Promise<Room> {
  const masterSecret = JSON.stringify({ current: 'k1', k1: randomBytes(48).toString('base64url') })
  const operatorToken = randomBytes(24).toString('base64url')
  const child = spawn(process.execPath, [...serverArgs, '--import', 'tsx', 'bin/local.ts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {
      ...process.env,
      PORT: '0',
      SHOWROOM_PORT: '0',
      DYNAMODB_ENDPOINT: dynamoEndpoint,
      MASTER_SECRET: masterSecret,
      OPERATOR_TOKEN: operatorToken,
      DATA_DIR: '',
      SQS_ENDPOINT: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  // The server's complaints are shown beside the figures.
  child.stderr.pipe(process.stderr)
  const startedAt = Date.now()
  for (;;) {
    const port = /Waiting room\s+http:\/\/[^:]+:(\d+)\//.exec(output)?.[1]
    if (port !== undefined)
      return { port: Number(port), pid: child.pid ?? 0, masterSecret, operatorToken }
    if (child.exitCode !== null) throw new Error(`the server ended: ${output}`)
    if (Date.now() - startedAt > START_MS_MAX) throw new Error('the server did not start')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function forked(children: ChildProcess[], file: string): ChildProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  })
  children.push(child)
  return child
}

function message<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (received: Message) => {
      child.off('exit', onExit)
      resolve(received)
    }
    const onExit = () => {
      child.off('message', onMessage)
      reject(new Error('a process of the benchmark ended'))
    }
    child.once('message', onMessage).once('exit', onExit)
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}
