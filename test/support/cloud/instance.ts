/**
 * One environment of a Lambda function: a process of its own, and the runtime API that it asks for work.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { bytesOf, listenLocally } from './http.ts'

/** What the stack says of a function. */
export interface FunctionPlan {
  /** `Visitor`, as in the stack. */
  readonly name: string
  readonly arn: string
  /** The directory of its asset. */
  readonly taskRoot: string
  readonly handler: string
  readonly runtime: string
  readonly memoryMegabytes: number
  readonly timeoutSeconds: number
  readonly logLevel: string
  readonly logFormat: string
  readonly environment: Readonly<Record<string, string>>
}

/** How an invocation ended. */
export type Outcome =
  | { readonly status: 'answered'; readonly payload: unknown }
  /** The handler threw. */
  | { readonly status: 'failed'; readonly errorType: string }
  /** The process ended in the middle: Lambda's `Runtime.ExitError`. */
  | { readonly status: 'died' }
  | { readonly status: 'timed-out' }

export interface Instance {
  /** One at a time. */
  invoke(event: unknown): Promise<Outcome>
  readonly isGone: boolean
  readonly isBusy: boolean
  kill(): void
  /** As Lambda ends an environment. Resolves when the process is gone. */
  stop(): Promise<void>
}

interface Invocation {
  readonly id: string
  readonly event: unknown
  readonly settle: (outcome: Outcome) => void
}

const BOOTSTRAP = fileURLToPath(new URL('bootstrap.mjs', import.meta.url))
/** Of the memory of a function; the rest is Node's own. */
const HEAP_SHARE = 0.9

/**
 * @param environment what Lambda would not set: credentials, region, and where AWS is.
 * @param print takes each line that the process writes.
 */
export async function startInstance(
  plan: FunctionPlan,
  environment: Readonly<Record<string, string>>,
  print: (line: string) => void,
): Promise<Instance> {
  let waiting: ServerResponse | undefined
  let queued: Invocation | undefined
  let current: Invocation | undefined
  let initError: string | undefined

  const settle = (outcome: Outcome) => {
    const done = current ?? queued
    current = undefined
    queued = undefined
    done?.settle(outcome)
  }
  const handOver = () => {
    if (waiting === undefined || queued === undefined) return
    current = queued
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': current.id,
      'lambda-runtime-deadline-ms': String(Date.now() + plan.timeoutSeconds * 1000),
      'lambda-runtime-invoked-function-arn': plan.arn,
    })
    waiting.end(JSON.stringify(current.event))
    waiting = undefined
    queued = undefined
  }
  const server = createServer(async (asked, answer) => {
    const body = String(await bytesOf(asked))
    const path = `${asked.method} ${asked.url?.replace('/2018-06-01/runtime/', '')}`
    if (path === 'GET invocation/next') {
      waiting = answer
      return handOver()
    }
    answer.writeHead(202).end('{"status":"OK"}')
    const said = JSON.parse(body)
    if (path === 'POST init/error') initError = said.errorType
    else if (path === `POST invocation/${current?.id}/response`) {
      settle({ status: 'answered', payload: said })
    } else if (path === `POST invocation/${current?.id}/error`) {
      settle({ status: 'failed', errorType: said.errorType })
    } else throw new Error(`the runtime API has no ${path}`)
  })
  const port = await listenLocally(server)
  const child = spawnRuntime(plan, { ...environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` })
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, print)
  const exited = once(child, 'close').then(() => {
    settle(
      initError === undefined ? { status: 'died' } : { status: 'failed', errorType: initError },
    )
    server.closeAllConnections()
    server.close()
  })
  const isGone = () => child.exitCode !== null || child.signalCode !== null

  return {
    get isGone() {
      return isGone()
    },
    get isBusy() {
      return current !== undefined || queued !== undefined
    },
    kill: () => void child.kill('SIGKILL'),
    invoke(event) {
      return new Promise(resolve => {
        const timer = setTimeout(() => {
          settle({ status: 'timed-out' })
          child.kill('SIGKILL')
        }, plan.timeoutSeconds * 1000)
        queued = {
          id: randomUUID(),
          event,
          settle(outcome) {
            clearTimeout(timer)
            resolve(outcome)
          },
        }
        if (isGone()) settle({ status: 'died' })
        else handOver()
      })
    },
    async stop() {
      if (!isGone()) child.kill('SIGTERM')
      await exited
    },
  }
}

function spawnRuntime(
  plan: FunctionPlan,
  more: Readonly<Record<string, string>>,
): ChildProcess & {
  readonly stdout: NodeJS.ReadableStream
  readonly stderr: NodeJS.ReadableStream
} {
  const heap = Math.floor(plan.memoryMegabytes * HEAP_SHARE)
  return spawn(process.execPath, [`--max-old-space-size=${heap}`, BOOTSTRAP], {
    cwd: plan.taskRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the environment of these tests.
    env: {
      ...plan.environment,
      ...more,
      _HANDLER: plan.handler,
      LAMBDA_TASK_ROOT: plan.taskRoot,
      AWS_EXECUTION_ENV: `AWS_Lambda_${plan.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: plan.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMegabytes),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_FORMAT: plan.logFormat,
      AWS_LAMBDA_LOG_LEVEL: plan.logLevel,
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${plan.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: `2026/12/01/[$LATEST]${randomUUID().replaceAll('-', '')}`,
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
    },
  })
}

function eachLine(stream: NodeJS.ReadableStream, print: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', chunk => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) print(line)
  })
  stream.on('end', () => {
    if (rest !== '') print(rest)
  })
}
