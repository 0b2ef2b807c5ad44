/** Files that a command reads: JSON, parsed before anything is sent or checked. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { kindOf } from '../../queue/complaint.ts'
import { readAtMost } from './bounded.ts'
import { CliError, type CliIo, FILE_BYTES_MAX, unusable } from './command.ts'
import { printable } from './text.ts'

/** The name that means standard input. */
export const STANDARD_INPUT = '-'

/**
 * Reads and parses a JSON file.
 * @param file a path, or `-` for standard input.
 * @throws CliError `bad-file`, which never quotes the content: it may hold a ticket.
 */
export async function readJson(file: string, io: CliIo): Promise<unknown> {
  const name = nameOf(file)
  const bytes = await readBytes(file, io)
  if (bytes.length === 0) throw unusable('bad-file', `${name} is empty; JSON is expected`)
  const text = decoded(bytes)
  if (text === undefined) throw unusable('bad-file', `${name} is not UTF-8 text`)
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    throw unusable('bad-file', `${name} is not valid JSON${whereBroken(error, text)}`)
  }
}

/** Parses a file's content with a schema. @throws CliError `bad-file`, naming every wrong field. */
export function parseFile<Schema extends z.core.$ZodType>(
  schema: Schema,
  input: unknown,
  file: string,
  what: string,
): z.infer<Schema> {
  const outcome = z.safeParse(schema, input, { reportInput: true })
  if (outcome.success) return outcome.data
  const name = nameOf(file)
  const answer = errorAnswerSchema.safeParse(input)
  if (answer.success) {
    const { code } = answer.data.error
    throw unusable('bad-file', `${name} is not ${what} but the error answer "${code}"`)
  }
  const complaints = outcome.error.issues.map(complaintOf).join('; ')
  throw unusable('bad-file', `${name} is not ${what}: ${complaints}`)
}

const errorAnswerSchema = z.object({
  error: z.object({ code: z.string().check(z.regex(/^[a-z-]{1,40}$/)) }),
})

async function readBytes(file: string, io: CliIo): Promise<Uint8Array> {
  const name = nameOf(file)
  const tooLong = () =>
    unusable('bad-file', `${name} is too long: at most ${FILE_BYTES_MAX} bytes are allowed`)
  if (file === STANDARD_INPUT) return readAtMost(FILE_BYTES_MAX, io.input, tooLong)
  try {
    const chunks = createReadStream(resolve(io.folder, file))
    return await readAtMost(FILE_BYTES_MAX, chunks, tooLong)
  } catch (error) {
    throw error instanceof CliError ? error : unusable('bad-file', `${name} ${whyUnread(error)}`)
  }
}

function whyUnread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    EISDIR: 'is a folder; a JSON file is expected',
    EACCES: 'may not be read by this user',
  }
  return known[code] ?? `cannot be read (${code})`
}

/** Text without a byte order mark; undefined where the bytes are no UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Line and column of the mistake. The parser's own message would quote the content. */
function whereBroken(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : ''
  if (/^Unexpected end/.test(message)) return ': it ends too early'
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position !== undefined) {
    const before = text.slice(0, Number(position)).split('\n')
    return `: line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
  }
  const character = /^Unexpected token '(.)'/u.exec(message)?.[1]
  return character === undefined ? '' : `: unexpected "${printable(character)}"`
}

function nameOf(file: string): string {
  return file === STANDARD_INPUT ? 'standard input' : `file ${printable(file)}`
}

function complaintOf(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? '' : `${printable(issue.path.join('.'))}: `
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map(key => `${printable([...issue.path, key].join('.').slice(0, 80))}: no such field`)
      .join('; ')
  }
  if (issue.code === 'invalid_type') {
    return `${at}${kindOf(issue.input)} came, ${KINDS[issue.expected] ?? issue.expected} is expected`
  }
  if (issue.code === 'too_small') return `${at}at least ${issue.minimum} is expected`
  return `${at}${issue.message}`
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'a text',
  array: 'a list',
  object: 'an object',
}
