/** Reads a command line: which command, with which operands and options. Every mistake is named. */
import { parseArgs } from 'node:util'
import { COMMANDS, COMMON_OPTIONS } from './commands.ts'
import { callOf } from './help.ts'
import {
  type Command,
  OPTIONS,
  type OptionName,
  type OptionValues,
  unusable,
} from './shared/command.ts'
import { printable } from './shared/text.ts'

export type Invocation =
  | { status: 'version' }
  | { status: 'help'; topic: readonly string[] }
  | { status: 'run'; command: Command; operands: readonly string[]; options: OptionValues }

/** @throws CliError `usage` */
export function parseArguments(words: readonly string[]): Invocation {
  const { options, flags, positionals } = parseWords(words)
  const named = commandOf(positionals)
  if (flags.has('help')) return { status: 'help', topic: helpTopic(positionals, named?.command) }
  if (flags.has('version')) return { status: 'version' }
  if (named === undefined) throw unknownCommand(positionals)
  const { command, operands } = named
  requireAllowed(command, Object.keys(options))
  requireOperands(command, operands)
  for (const name of command.required) {
    if (options[name] === undefined) {
      throw unusable('usage', `--${name} is missing; ${callOf(command)} is allowed`)
    }
  }
  return { status: 'run', command, operands, options }
}

/** `--json` decides how even a broken command line is answered. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end < 0 ? undefined : end).includes('--json')
}

/** The command that the first words name, and the words after it. */
export function commandOf(positionals: readonly string[]) {
  for (const command of COMMANDS) {
    const length = command.name.split(' ').length
    if (positionals.slice(0, length).join(' ') === command.name) {
      return { command, operands: positionals.slice(length) }
    }
  }
  return undefined
}

interface Words {
  readonly options: OptionValues
  readonly flags: ReadonlySet<string>
  readonly positionals: readonly string[]
}

function parseWords(words: readonly string[]): Words {
  // Not strict: Node's own errors do not say what is allowed, and repeat control characters that came.
  const { tokens } = parseArgs({
    args: [...words],
    options: PARSE_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const options: Partial<Record<OptionName, string>> = {}
  const flags = new Set<string>()
  const positionals = tokens.flatMap(token => (token.kind === 'positional' ? [token.value] : []))
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    if (!isOptionName(name)) throw unknownOption(rawName, commandOf(positionals)?.command)
    if (OPTIONS[name].type === 'boolean') {
      if (value !== undefined) throw unusable('usage', `--${name} takes no value`)
      flags.add(name)
      continue
    }
    if (options[name] !== undefined) throw unusable('usage', `--${name} came twice`)
    // `--token --json`: the value of --token was forgotten.
    if (!value || (!inlineValue && value.length > 1 && value.startsWith('-'))) {
      throw unusable('usage', `--${name} needs a value; one that begins with - as --${name}=VALUE`)
    }
    options[name] = value
  }
  return { options, flags, positionals }
}

const PARSE_OPTIONS = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, option]) => [
    name,
    { type: option.type, ...('short' in option ? { short: option.short } : {}) },
  ]),
)

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name)
}

function helpTopic(positionals: readonly string[], command: Command | undefined): string[] {
  if (command !== undefined) return command.name.split(' ')
  const [first, second] = positionals
  if (first === undefined) return []
  if (second === undefined && namesBelow(first).length > 0) return [first]
  throw unknownCommand(positionals)
}

/** The second words that a first one allows. */
function namesBelow(first: string): string[] {
  return COMMANDS.map(({ name }) => name.split(' '))
    .filter(words => words[0] === first && words.length > 1)
    .map(words => words[1] ?? '')
}

function unknownCommand([first, second]: readonly string[]) {
  const below = namesBelow(first ?? '')
  if (below.length > 0) {
    const came = second === undefined ? 'a command is missing' : `no command "${printable(second)}"`
    return unusable('usage', `${came} after "${first}"; ${below.join(', ')} are allowed`)
  }
  const allowed = [...new Set(COMMANDS.map(({ name }) => name.split(' ')[0]))].join(', ')
  const came = first === undefined ? 'a command is missing' : `no command "${printable(first)}"`
  return unusable('usage', `${came}; ${allowed} are allowed`)
}

function unknownOption(rawName: string, command: Command | undefined) {
  const allowed = command === undefined ? Object.keys(OPTIONS) : optionsOf(command)
  const list = allowed.map(name => `--${name}`).join(', ')
  const came = command === undefined ? 'no option' : `"${command.name}" has no option`
  return unusable('usage', `${came} ${printable(rawName)}; ${list} are allowed`)
}

function optionsOf(command: Command): readonly string[] {
  return [...command.options, ...COMMON_OPTIONS]
}

function requireAllowed(command: Command, given: readonly string[]): void {
  const foreign = given.find(name => !optionsOf(command).includes(name))
  if (foreign !== undefined) throw unknownOption(`--${foreign}`, command)
}

function requireOperands(command: Command, operands: readonly string[]): void {
  const { length } = command.operands
  const several = command.operands.at(-1)?.endsWith('...') === true
  if (operands.length === length || (several && operands.length > length)) return
  const wrong =
    operands.length < length
      ? `${command.operands[operands.length]} is missing`
      : `${operands.length} came after "${command.name}" where ${length} can be used`
  throw unusable('usage', `${wrong}; ${callOf(command)} is allowed`)
}
