/** What the commands of the command line share: their shape, their surroundings, their errors. */
import type { EdgeStore } from '../../keys/edge-store.ts'
import type { SecretVersions } from '../../keys/secret-versions.ts'

/** 0: done. 1: refused by the server, not reached, or a check failed. 2: nothing was tried. */
export type ExitCode = 0 | 1 | 2

/** How long one request may take, its answer included. */
export const REQUEST_TIMEOUT_MS = 10_000
/** The longest answer that is read: several times a full history. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024
/** The longest file that is read. Configurations, records and tickets have a few hundred bytes. */
export const FILE_BYTES_MAX = 1024 * 1024

/** Everything that a command knows of the world. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative file names start from. */
  readonly folder: string
  readonly input: AsyncIterable<Uint8Array>
  readonly output: (text: string) => void
  readonly complain: (text: string) => void
  /** The answer is for a program: nothing is printed besides it but errors. */
  readonly json?: boolean
  /** @default REQUEST_TIMEOUT_MS */
  readonly timeoutMs?: number
  /** @default the AWS account of the environment's credentials */
  readonly account?: Account
  /** @default Date.now */
  readonly now?: () => number
}

/** Calls to an AWS account. Only the commands that make one load the SDK. */
export interface Account {
  secret(secretId: string): Promise<SecretVersions>
  /** Writes a second that the table bears at once. */
  warmWrites(table: string): Promise<number | undefined>
  /** The key value store of a gate, by its ARN. */
  edgeStore(arn: string): Promise<EdgeStore>
}

export const OPTIONS = {
  url: { type: 'string', value: 'URL', summary: 'the deployment (or ANTICHAMBRE_URL)' },
  token: { type: 'string', value: 'TOKEN', summary: "the operator's token (or ANTICHAMBRE_TOKEN)" },
  'if-version': {
    type: 'string',
    value: 'N',
    summary: 'only if nobody changed the room since version N',
  },
  'latency-ms': { type: 'string', value: 'N', summary: 'how long an answer of the showroom takes' },
  'error-rate': { type: 'string', value: 'SHARE', summary: 'of its answers, that fail (0 to 1)' },
  alarm: { type: 'string', value: 'on|off', summary: 'the showroom suffers, or no longer does' },
  group: { type: 'string', value: 'NAME', summary: 'whose line the guests stand in' },
  count: { type: 'string', value: 'N', summary: 'how many invitations (default 1)' },
  expires: { type: 'string', value: 'TIME', summary: 'until when they are good (default: a week)' },
  secret: {
    type: 'string',
    value: 'ARN',
    summary: "the master secret: the stack's output MasterSecretArn",
  },
  table: { type: 'string', value: 'NAME', summary: "the stack's output TableName" },
  store: {
    type: 'string',
    value: 'ARN',
    summary: "the gate's key value store: `gate.store.keyValueStoreArn` of the stack",
  },
  record: { type: 'string', value: 'FILE', summary: 'answer of GET /r/ROOM/cohorts/N; - is stdin' },
  ticket: { type: 'string', value: 'FILE', summary: 'answer of POST /r/ROOM/tickets; - is stdin' },
  visitors: { type: 'string', value: 'N', summary: 'how many come (default 10000)' },
  arrive: {
    type: 'string',
    value: 'TIME|FILE.csv',
    summary: 'within this time, or rows of secondsFromStart,visitors (5s)',
  },
  opens: {
    type: 'string',
    value: 'TIME|before',
    summary: 'opens so long after the first visitor (before: is open)',
  },
  wait: {
    type: 'string',
    value: 'TIME',
    summary: 'how long the rehearsal lasts (30m; 40m with --capacity)',
  },
  stock: { type: 'string', value: 'N', summary: 'how much there is to sell (default: no end)' },
  'sold-in': {
    type: 'string',
    value: 'TIME',
    summary: 'shapes a sale that is over so long after the opening',
  },
  rate: { type: 'string', value: 'N', summary: 'let in a minute (default 600)' },
  capacity: { type: 'string', value: 'N', summary: 'people inside at most (default: no limit)' },
  window: { type: 'string', value: 'N', summary: 'seconds a cohort takes arrivals (default 5)' },
  'no-show': {
    type: 'string',
    value: 'SHARE',
    summary: 'of those let in, who never walk in (default 0)',
  },
  turn: { type: 'string', value: 'N', summary: 'seconds to walk in (600; 300 with --capacity)' },
  buyers: {
    type: 'string',
    value: 'SHARE',
    summary: 'of those who walk in, who buy while there is something (0.4)',
  },
  session: {
    type: 'string',
    value: 'TIME-TIME',
    summary: 'how long they stay (4s-40s; 5m-15m with --capacity)',
  },
  told: {
    type: 'string',
    value: 'SHARE',
    summary: 'of those who leave without buying, whom the showroom tells of (1)',
  },
  bots: { type: 'string', value: 'SHARE', summary: 'bots that hammer, besides (default 0.0005)' },
  crowd: {
    type: 'string',
    value: 'mixed|plain',
    summary: 'mixed (default): impatient, tabs, sleeping, failing networks',
  },
  quotas: {
    type: 'string',
    value: 'NAME=N,...',
    summary: "AWS's limits (default: those of a new account)",
  },
  faults: { type: 'string', value: 'none|all', summary: 'what fails on purpose (default none)' },
  seed: {
    type: 'string',
    value: 'N',
    summary: 'the same seed gives the same result (default 1)',
  },
  report: { type: 'string', value: 'FILE', summary: 'writes a report in HTML with charts' },
  json: { type: 'boolean', summary: 'result on stdout and errors on stderr as JSON' },
  help: { type: 'boolean', short: 'h', summary: 'this text; after a command, its own' },
  version: { type: 'boolean', summary: 'the version' },
} as const

export type OptionName = keyof typeof OPTIONS
export type OptionValues = Readonly<Partial<Record<OptionName, string>>>

export interface CommandResult {
  readonly exitCode: 0 | 1
  /** What `--json` prints. */
  readonly json: unknown
  /** What people read: lines, without the last line's end. `--json` never asks for it. */
  readonly text: () => string
}

export interface Command {
  /** One or two words, such as `room put`. */
  readonly name: string
  /** The operands by name; a last one that ends in `...` may come several times. */
  readonly operands: readonly string[]
  /** Options besides those that every command has. */
  readonly options: readonly OptionName[]
  /** Options that must be given. */
  readonly required: readonly OptionName[]
  readonly summary: string
  /** More lines for its own help. */
  readonly details: readonly string[]
  /** @param operands as many as `operands` names. @throws CliError */
  run(operands: readonly string[], options: OptionValues, io: CliIo): Promise<CommandResult>
}

/** Codes of errors that arise on this side; a server's refusal carries the server's own code. */
export type CliErrorCode =
  | 'usage'
  | 'bad-file'
  | 'no-account'
  | 'not-found'
  | 'access-denied'
  | 'aws-error'
  | 'bad-secret'
  | 'too-early'
  | 'broken-law'
  | 'unreachable'
  | 'timed-out'
  | 'redirected'
  | 'unexpected-answer'

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  readonly exitCode: 1 | 2
  /** What the server said besides code and message. */
  readonly facts: ConflictFacts | undefined

  constructor(code: string, message: string, exitCode: 1 | 2, facts?: ConflictFacts) {
    super(message)
    this.code = code
    this.exitCode = exitCode
    this.facts = facts
  }
}

/** What others did to a room meanwhile. */
export interface ConflictFacts {
  /** The present version. */
  readonly version: number
  /** The fields that are not as they were, with their present values. */
  readonly changed: Readonly<Record<string, unknown>>
}

/** The command line, a file that it names, or the account cannot be used: nothing was sent or checked. */
export function unusable(
  code: Extract<CliErrorCode, 'usage' | 'bad-file' | 'no-account'>,
  message: string,
): CliError {
  return new CliError(code, message, 2)
}

/** The server refused, or did not answer as Antichambre does. */
export function refused(
  code: CliErrorCode | (string & {}),
  message: string,
  facts?: ConflictFacts,
): CliError {
  return new CliError(code, message, 1, facts)
}
