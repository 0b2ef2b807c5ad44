/** The command line as a function: words in, texts and an exit code out. */
import { readFileSync } from 'node:fs'
import { commandOf, parseArguments, wantsJson } from './arguments.ts'
import { helpText, PROGRAM } from './help.ts'
import { conflictText } from './room/room-text.ts'
import { CliError, type CliIo, type ExitCode } from './shared/command.ts'

/**
 * Runs one command line.
 * @param words what stands behind the program's name.
 * @returns the exit code; everything that was printed went through `io`.
 */
export async function runCli(words: readonly string[], io: CliIo): Promise<ExitCode> {
  const json = wantsJson(words)
  try {
    const invocation = parseArguments(words)
    switch (invocation.status) {
      case 'version':
        io.output(`${json ? JSON.stringify({ version: version() }) : version()}\n`)
        return 0
      case 'help':
        io.output(`${helpText(invocation.topic)}\n`)
        return 0
      case 'run': {
        const { command, operands, options } = invocation
        const result = await command.run(operands, options, { ...io, json })
        io.output(`${json ? JSON.stringify(result.json) : result.text()}\n`)
        return result.exitCode
      }
    }
  } catch (error) {
    // Any other error is a bug of this program: Node prints its trace.
    if (!(error instanceof CliError)) throw error
    io.complain(`${json ? errorJson(error) : errorText(error, words)}\n`)
    return error.exitCode
  }
}

/** With what else the server said: for an edit conflict the present version, and what changed. */
function errorJson({ code, message, facts }: CliError): string {
  return JSON.stringify({ error: { code, message }, ...facts })
}

function errorText({ code, message, facts }: CliError, words: readonly string[]): string {
  const topic = commandOf(words)?.command.name
  const help = topic === undefined ? '--help' : `${topic} --help`
  const hint = code === 'usage' ? `\nhelp: ${PROGRAM} ${help}` : ''
  const says = `antichambre: ${message}${code === 'usage' ? '' : ` (${code})`}${hint}`
  return facts === undefined ? says : `${says}\n${conflictText(facts)}`
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return String(JSON.parse(readFileSync(file, 'utf8')).version)
}
