/** An example as a process of its own, as its readers start it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createKeyRing } from '../../lib/keys/key-ring.ts'

/** `GATE_KEYS` of a room. */
export function gateKeysText(masterSecret: string, room: string): string {
  const keys = createKeyRing(masterSecret).gateKeys(room)
  return JSON.stringify(
    keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret).toString('base64url') })),
  )
}

/** Runs a file to its end, or until it says what is waited for. */
export async function startExample(
  file: string,
  environment: Readonly<Record<string, string>>,
  until: RegExp,
  args: readonly string[] = [],
) {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let output = ''
  const read = (stream: NodeJS.ReadableStream) =>
    stream.on('data', chunk => {
      output += chunk
    })
  read(child.stdout)
  read(child.stderr)
  while (!until.test(output)) {
    if (child.exitCode !== null) throw new Error(`${file} ended: ${output}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return {
    output,
    said: until.exec(output)?.[1] ?? '',
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM')
      await exited
    },
  }
}
