/** `preflight`: checks everything that can be checked before a sale, and says what to do. */
import { askAws, awsAccount } from '../account/account.ts'
import { readGate } from '../account/gate.ts'
import { checkedRoom, roomPath } from '../room/room.ts'
import { parseAnswer } from '../room/room-text.ts'
import {
  CliError,
  type CliIo,
  type Command,
  type OptionValues,
  REQUEST_TIMEOUT_MS,
} from '../shared/command.ts'
import { baseOf, operatorOf } from '../shared/operator.ts'
import { aligned } from '../shared/text.ts'
import { wholeNumber } from '../shared/values.ts'
import { type Check, look, ok, unchecked } from './check.ts'
import { type Probe, probe } from './probe.ts'
import { preflightRoomSchema, roomChecks } from './room-checks.ts'
import {
  clockCheck,
  edgeCheck,
  gateCheck,
  keyIdsIn,
  keysCheck,
  pageCheck,
  statusCheck,
} from './web-checks.ts'

const VISITORS = { min: 1, max: 10_000_000 }
const VISITORS_DEFAULT = 10_000
/**
 * A new account (1,000 instances at once) and a new table (4,000 writes a second) take 300,000 joins
 * within 40 s: docs/rehearsal.md. More visitors need more of both.
 */
const OF_NEW_ACCOUNT = { visitors: 300_000, instances: 1_000, writes: 4_000 }

export const preflight: Command['run'] = async ([id = ''], options, io) => {
  const room = checkedRoom(id)
  const visitors = wholeNumber('--visitors', options.visitors ?? String(VISITORS_DEFAULT), VISITORS)
  const base = baseOf(options, io)
  const now = io.now ?? Date.now
  const { body } = await operatorOf(options, io).request('GET', roomPath(room))
  const answer = parseAnswer(preflightRoomSchema, body)
  const ask = (url: string) => probe(url, io.timeoutMs ?? REQUEST_TIMEOUT_MS, now)
  const at = (path: string) => ask(`${base.href}r/${room}${path}`)

  const showroom = await ask(answer.config.showroomUrl)
  const page = await at('')
  const jwks = await at('/jwks.json')
  const status = await at('/status')
  const again = await at('/status')
  const checks: Check[] = [
    ...roomChecks(answer, visitors, now()),
    pageCheck(page),
    statusCheck(status, again),
    keysCheck(jwks),
    gateCheck(showroom, room, base),
    ...(await storeChecks(room, jwks, options, io)),
    clockCheck(status, showroom),
    concurrencyCheck(visitors),
    await tableCheck(visitors, options, io),
  ]
  const isReady = checks.every(check => check.status !== 'failed')
  return {
    exitCode: isReady ? 0 : 1,
    json: { room, ready: isReady, checks },
    text: () => checksText(checks),
  }
}

function needed(visitors: number, ofNewAccount: number): number {
  return Math.ceil((visitors * ofNewAccount) / OF_NEW_ACCOUNT.visitors)
}

/** Not checked: to read Lambda's quota this program would need one more client of AWS. */
function concurrencyCheck(visitors: number): Check {
  const instances = Math.max(100, needed(visitors, OF_NEW_ACCOUNT.instances))
  return unchecked(
    'instances',
    `${visitors} visitors within seconds want about ${instances} instances at once`,
    'aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions; more by Service Quotas, days before',
  )
}

async function tableCheck(visitors: number, { table }: OptionValues, io: CliIo): Promise<Check> {
  const name = 'table'
  const writes = needed(visitors, OF_NEW_ACCOUNT.writes)
  const wants = `${visitors} visitors within seconds want about ${writes} writes a second at once`
  const byHand = 'aws dynamodb describe-table --table-name NAME --query Table.WarmThroughput'
  if (table === undefined) return unchecked(name, wants, `--table NAME looks at it; or ${byHand}`)
  const account = io.account ?? awsAccount
  try {
    const warm = await askAws(`the table ${table}`, () => account.warmWrites(table))
    if (warm === undefined) return unchecked(name, `${wants}; DynamoDB does not say more`, byHand)
    const bears = `${wants}; the table bears ${warm}`
    return warm >= writes
      ? ok(name, bears)
      : look(name, bears, `warmThroughput: { writeUnitsPerSecond: ${writes} }`)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return unchecked(name, `${wants}; ${error.message}`, byHand)
  }
}

/** For a gate on CloudFront: without `--store` there is no such check. */
async function storeChecks(
  room: string,
  jwks: Probe | string,
  options: OptionValues,
  io: CliIo,
): Promise<Check[]> {
  if (options.store === undefined) return []
  try {
    return [edgeCheck(room, await readGate(room, options, io), keyIdsIn(jwks))]
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'usage') throw error
    return [unchecked('store', error.message, `gate get ${room} --store ARN, by somebody who may`)]
  }
}

const WORDS = { ok: 'ok', look: 'LOOK', failed: 'FAILED', unchecked: '-' } as const

function checksText(checks: readonly Check[]): string {
  const rows = checks.flatMap(({ check, status, says, todo }) => [
    [WORDS[status], check, says],
    ...(todo === undefined ? [] : [['', '', `-> ${todo}`]]),
  ])
  const count = (status: Check['status']) => checks.filter(one => one.status === status).length
  const verdict =
    count('failed') > 0
      ? `not ready: ${count('failed')} failed`
      : `ready; ${count('look')} to look at, ${count('unchecked')} not checked from here`
  return `${aligned(rows)}\n${verdict}`
}
