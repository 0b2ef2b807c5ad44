/** Help texts, made from the list of commands. */
import { COMMANDS, COMMON_OPTIONS } from './commands.ts'
import { type Command, OPTIONS, type OptionName } from './shared/command.ts'
import { aligned } from './shared/text.ts'

/** How the command line is called from the repository. */
export const PROGRAM = 'npm run -s cli --'

const EXIT_CODES = [
  'Exit codes: 0 done; 1 refused, not reached, or a check failed; 2 the command line or a file',
  'that it names cannot be used, nothing was tried.',
].join('\n')

/** @param topic words of a command, such as `room` or `room put`; none for the whole. */
export function helpText(topic: readonly string[]): string {
  const name = topic.join(' ')
  const command = COMMANDS.find(candidate => candidate.name === name)
  if (command !== undefined) return commandHelp(command)
  const shown = COMMANDS.filter(({ name: full }) => name === '' || full.startsWith(`${name} `))
  const options = [...new Set([...shown.flatMap(({ options: own }) => own), ...COMMON_OPTIONS])]
  return [
    'Antichambre, a virtual waiting room: the command line of operators and verifiers.',
    `Usage: ${PROGRAM} ${name === '' ? '' : `${name} `}COMMAND [options]`,
    `Commands:\n${indented(shown.map(one => [callOf(one), one.summary]))}`,
    `Options:\n${optionLines(options)}`,
    EXIT_CODES,
  ].join('\n\n')
}

/** A command as it is called, such as `room get ID`. */
export function callOf(command: Command): string {
  const required = command.required.map(name => `--${name} ${placeholderOf(name)}`)
  return [command.name, ...command.operands, ...required].join(' ')
}

function commandHelp(command: Command): string {
  const { summary, details, options } = command
  return [
    `Usage: ${PROGRAM} ${callOf(command)} [options]`,
    [`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, ...details].join('\n'),
    `Options:\n${optionLines([...options, ...COMMON_OPTIONS])}`,
    EXIT_CODES,
  ].join('\n\n')
}

function optionLines(names: readonly OptionName[]): string {
  return indented(
    names.map(name => {
      const option = OPTIONS[name]
      const short = 'short' in option ? `-${option.short}, ` : ''
      return [`${short}--${name} ${placeholderOf(name)}`.trim(), option.summary]
    }),
  )
}

function placeholderOf(name: OptionName): string {
  const option = OPTIONS[name]
  return 'value' in option ? option.value : ''
}

function indented(rows: readonly (readonly string[])[]): string {
  return aligned(rows.map(([first = '', ...rest]) => [`  ${first}`, ...rest]))
}
