/** What the docs say of the command line exists, and all there is they say. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../lib/cli/commands.ts'
import { OPTIONS } from '../../lib/cli/shared/command.ts'

const read = (file: string) => readFileSync(`docs/${file}`, 'utf8')
const reference = read('cli.md') + read('rehearsal.md')

test.each(COMMANDS.map(({ name }) => name))('docs/cli.md has `%s`', name => {
  expect(reference).toMatch(new RegExp(`(?:\`|cli -- )${name}[ \`]`))
})

test('docs/cli.md and docs/rehearsal.md have each option, but for --version', () => {
  const named = new Set(Array.from(reference.matchAll(/--([a-z]+(?:-[a-z]+)*)/g), ([, one]) => one))
  const options = Object.keys(OPTIONS).filter(one => one !== 'version')
  expect([...named].sort()).toEqual(options.sort())
})

test('every call of the command line in the docs is of a command and of options that it takes', () => {
  const files = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  const texts = files.filter(file => file.endsWith('.md')).map(read)
  const calls = [readFileSync('README.md', 'utf8'), ...texts].flatMap(text =>
    Array.from(text.matchAll(/npm run -s cli -- ([^`\n|>)#]+)/g), ([, call = '']) => call),
  )
  expect(calls.length).toBeGreaterThan(20)
  for (const call of calls.filter(one => !one.startsWith('--'))) {
    const command = COMMANDS.find(({ name }) => `${call} `.startsWith(`${name} `))
    expect(command, call).toBeDefined()
    for (const [, option = ''] of call.matchAll(/ --([a-z-]+)/g)) {
      expect(['json', 'help', ...(command?.options ?? [])], call).toContain(option)
    }
  }
})
