/** DynamoDB: Amazon's own DynamoDB Local where it is, else dynalite. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startDynamo } from '../../../lib/local/aws.ts'
import { freePort } from '../nginx.ts'

export interface Database {
  readonly name: 'DynamoDB Local' | 'dynalite'
  readonly endpoint: string
  close(): Promise<void>
}

/** `.ci/dynamodb-local.sh` puts it there. */
const CACHE = fileURLToPath(new URL('../../../.cache/dynamodb-local/', import.meta.url))
const LOOK_MS = 50
const LOOKS_MAX = 600

export async function startDatabase(): Promise<Database> {
  const folder = emulatorFolder()
  return folder === undefined
    ? { name: 'dynalite', ...(await startDynamo()) }
    : startEmulator(folder)
}

function emulatorFolder(): string | undefined {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  if (!existsSync(CACHE)) return undefined
  return readdirSync(CACHE)
    .map(version => join(CACHE, version, 'package', 'emulator'))
    .find(path => existsSync(join(path, 'DynamoDBLocal.jar')))
}

async function startEmulator(folder: string): Promise<Database> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  // One table for everybody: without `-sharedDb` each access key has a database of its own.
  const options = ['-inMemory', '-sharedDb', '-port', String(port)]
  const child = spawn(
    'java',
    ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', ...options],
    { cwd: folder, stdio: 'ignore' },
  )
  const exited = once(child, 'exit')
  const close = async () => {
    child.kill('SIGTERM')
    await exited
  }
  for (let look = 0; look < LOOKS_MAX; look++) {
    if (child.exitCode !== null) throw new Error('DynamoDB Local ended')
    // It answers an unsigned request with an error, which is an answer.
    const isUp = await fetch(endpoint).then(
      () => true,
      () => false,
    )
    if (isUp) return { name: 'DynamoDB Local', endpoint, close }
    await pause(LOOK_MS)
  }
  await close()
  throw new Error('DynamoDB Local does not answer')
}
