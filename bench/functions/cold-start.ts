/**
 * The bundle of each deployed function, as the CDK builds it: bytes, and the time to load it in a
 * fresh process. `npm run bench -- cold-start`. Nothing leaves this machine: the one call that
 * loading makes, for the master secret, is answered here.
 */
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { ENVIRONMENT } from '../../lib/runtime/environment.ts'
import { median } from '../shared/machine.ts'
import { bundlesOf, type Template } from './bundles.ts'

export interface ColdStart {
  readonly name: string
  readonly bytes: number
  /** From the start of the import to its end, the secret's answer from this machine included. */
  readonly loadMs: number
  /** Processor time of the same, all threads together: other work on the machine lengthens it least. */
  readonly processorMs: number
  /** Node's own start, which Lambda's runtime has in another form. */
  readonly nodeMs: number
}

type Load = Pick<ColdStart, 'loadMs' | 'processorMs' | 'nodeMs'>

const RUNS = 7
const BUNDLE_BYTES_MAX = 400_000
const LOAD_MS_MAX = 150
const run = promisify(execFile)

/** @param folder where the stack was synthesised into. */
export async function coldStarts(template: Template, folder: string): Promise<ColdStart[]> {
  const secrets = createServer((_request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(JSON.stringify({ SecretString: JSON.stringify(MASTER_SECRET) }))
  })
  try {
    const bundles = bundlesOf(template, folder)
    await new Promise<void>(resolve => secrets.listen(0, '127.0.0.1', resolve))
    const { port } = secrets.address() as AddressInfo
    const loads = bundles.map((): Load[] => [])
    // In turns: other work on the machine slows all of them alike.
    for (let count = 0; count < RUNS; count++) {
      for (const [at, { file }] of bundles.entries()) loads[at]?.push(await load(file, port))
    }
    return bundles.map(({ name, file }, at) => {
      const of = (figure: keyof Load) => median((loads[at] ?? []).map(one => one[figure]))
      const [loadMs, processorMs, nodeMs] = [of('loadMs'), of('processorMs'), of('nodeMs')]
      return { name: name.toLowerCase(), bytes: statSync(file).size, loadMs, processorMs, nodeMs }
    })
  } finally {
    secrets.close()
  }
}

export function coldStartText(figures: readonly ColdStart[]): string {
  const rows = figures.map(({ name, bytes, loadMs, processorMs, nodeMs }) => {
    const met = bytes <= BUNDLE_BYTES_MAX && processorMs <= LOAD_MS_MAX
    const times = [loadMs, processorMs, nodeMs].map(ms => ms.toFixed(0))
    const cells = [bytes.toLocaleString('en'), ...times]
    return `${name.padEnd(14)}${cells.map(cell => cell.padStart(14)).join('')}  ${met ? 'met' : 'MISSED'}`
  })
  const head = ['bytes', 'load ms', 'processor ms', 'node ms']
    .map(cell => cell.padStart(14))
    .join('')
  return [
    `${'function'.padEnd(14)}${head}  at most ${BUNDLE_BYTES_MAX.toLocaleString('en')} bytes, ${LOAD_MS_MAX} ms of processor`,
    ...rows,
  ].join('\n')
}

const MASTER_SECRET = { current: 'k1', k1: 'a text for a benchmark alone, no secret at all' }

async function load(file: string, secretsPort: number): Promise<Load> {
  const script = `
    const started = performance.now()
    const before = process.cpuUsage()
    await import(${JSON.stringify(file)})
    const { user, system } = process.cpuUsage(before)
    const loadMs = performance.now() - started
    console.log(JSON.stringify({ loadMs, processorMs: (user + system) / 1000, nodeMs: started }))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${secretsPort}`,
      ...Object.fromEntries(Object.values(ENVIRONMENT).map(variable => [variable, 'none'])),
      [ENVIRONMENT.healthAlarms]: '{}',
    },
  })
  return JSON.parse(stdout)
}
