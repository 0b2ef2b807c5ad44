/** `rehearse`: a sale in virtual time, before it is held. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BrokenLaw } from '../../rehearsal/measures/laws.ts'
import { count } from '../../rehearsal/measures/statistics.ts'
import { isArrivalsFile } from '../../rehearsal/plan/arrivals.ts'
import { BadOption } from '../../rehearsal/plan/option-values.ts'
import { type Plan, parsePlan } from '../../rehearsal/plan/options.ts'
import { QUOTAS, type QuotaName } from '../../rehearsal/plan/quotas.ts'
import { PROGRESS_SECONDS, type Progress, rehearse } from '../../rehearsal/rehearse.ts'
import { reportHtml } from '../../rehearsal/results/report.ts'
import { resultsOf } from '../../rehearsal/results/results.ts'
import { resultsText } from '../../rehearsal/results/text.ts'
import {
  type CliIo,
  type Command,
  FILE_BYTES_MAX,
  type OptionName,
  refused,
  unusable,
} from '../shared/command.ts'
import { printable } from '../shared/text.ts'

export const REHEARSE_OPTIONS: readonly OptionName[] = [
  'visitors',
  'arrive',
  'opens',
  'wait',
  'stock',
  'sold-in',
  'rate',
  'capacity',
  'window',
  'turn',
  'no-show',
  'buyers',
  'session',
  'told',
  'bots',
  'crowd',
  'quotas',
  'faults',
  'seed',
  'report',
]

export const QUOTAS_TEXT = [
  'Names of quotas, and their defaults:',
  ...(Object.keys(QUOTAS) as QuotaName[]).map(
    name => `  ${name}=${QUOTAS[name].value}  ${QUOTAS[name].says}`,
  ),
].join('\n')

export const rehearseCommand: Command['run'] = async (_operands, options, io) => {
  const { arrive, report } = options
  const isFile = arrive !== undefined && isArrivalsFile(arrive)
  const plan = planOf(options, isFile ? readArrivals(arrive, io) : undefined)
  // A file that cannot be written is an error now, not after minutes of rehearsing.
  if (report !== undefined) writeReport(report, '', io)
  try {
    const run = await rehearse(plan, progressTo(io))
    const results = resultsOf(run)
    if (report !== undefined) writeReport(report, reportHtml(run, results), io)
    return { exitCode: 0, json: results, text: () => resultsText(results) }
  } catch (error) {
    if (!(error instanceof BrokenLaw)) throw error
    throw refused('broken-law', `seed ${plan.seed}: ${error.message}`)
  }
}

function planOf(options: Parameters<Command['run']>[1], arrivals: string | undefined): Plan {
  try {
    return parsePlan(options, arrivals)
  } catch (error) {
    throw error instanceof BadOption ? unusable('usage', error.message) : error
  }
}

function readArrivals(file: string, io: CliIo): string {
  const path = resolve(io.folder, file)
  const name = `file ${printable(file)}`
  try {
    if (statSync(path).size > FILE_BYTES_MAX) {
      throw unusable('bad-file', `${name} is too long: at most ${FILE_BYTES_MAX} bytes are allowed`)
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw systemError(error, name, 'read')
  }
}

function writeReport(file: string, html: string, io: CliIo): void {
  try {
    writeFileSync(resolve(io.folder, file), html)
  } catch (error) {
    throw systemError(error, `file ${printable(file)}`, 'written')
  }
}

function systemError(error: unknown, name: string, done: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error
  return unusable('bad-file', `${name} cannot be ${done} (${String(error.code)})`)
}

/** Where there is no terminal, a line for each stretch of so many virtual seconds. */
const LINE_SECONDS = 300

/** On a terminal one line that changes; elsewhere a line now and then; with `--json` nothing. */
function progressTo(io: CliIo): (progress: Progress) => void {
  const { isTTY } = process.stderr
  if (!isTTY && io.json === true) return () => {}
  return ({ second, untilSecond, tickets, entries }) => {
    const line = `second ${count(second)} of ${count(untilSecond)}: ${count(tickets)} tickets, ${count(entries)} walked in`
    const isLast = second + PROGRESS_SECONDS > untilSecond
    if (isTTY) io.complain(isLast ? '\r\u001b[K' : `\r\u001b[K${line}`)
    else if (second >= 0 && second % LINE_SECONDS === 0) io.complain(`${line}\n`)
  }
}
