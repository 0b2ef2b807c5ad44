/** `npm start` as a process of its own, as its users run it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface Running {
  readonly roomUrl: string
  readonly showroomUrl: string
  readonly token: string
  readonly child: ChildProcess
  output(): string
  stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** Starts on ports that the system chooses, unless the environment names some. */
export async function startProcess(
  environment: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/local.ts', ...args], {
    env: { ...process.env, PORT: '0', SHOWROOM_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  child.stderr.on('data', chunk => {
    output += chunk
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  })
  const found = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const match = pattern.exec(output)?.[1]
      if (match !== undefined) return match
      if (child.exitCode !== null) throw new Error(`it ended: ${output}`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  return {
    showroomUrl: await found(/Showroom\s+(http\S+?)\/ /),
    roomUrl: await found(/Waiting room\s+(http\S+?)\/r\//),
    token: environment.OPERATOR_TOKEN ?? (await found(/Operator token\s+(\S+)/)),
    child,
    output: () => output,
    async stop(signal) {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}

/** Asks until the answer is as wanted; fails with the last one after a minute. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  let answer = await ask()
  for (let look = 0; look < 300 && !wanted(answer); look++) {
    await new Promise(resolve => setTimeout(resolve, 200))
    answer = await ask()
  }
  if (!wanted(answer)) throw new Error(`never as wanted: ${JSON.stringify(answer)}`)
  return answer
}
