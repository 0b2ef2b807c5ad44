import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../lib/cli/commands.ts'
import { run, startOperator, TOKEN } from './support.ts'

/** Words, and what the complaint must name. */
const BAD_USAGE: [string, string[], string[]][] = [
  ['nothing', [], ['a command is missing', 'room, invite, verify']],
  ['an unknown command', ['rooms'], ['"rooms"', 'room, invite, verify']],
  ['half a command', ['room'], ['a command is missing after "room"', 'put, get, list, open']],
  ['an unknown second word', ['room', 'ptu', 'demo'], ['"ptu"', 'put, get, list, open']],
  ['a name that every object has', ['constructor'], ['"constructor"', 'room, invite, verify']],
  ['help for an unknown command', ['rom', '--help'], ['"rom"', 'room, invite, verify']],
  ['help for an unknown second word', ['room', 'x', '--help'], ['"x"', 'put, get']],
  ['a missing operand', ['room', 'get'], ['ID is missing', 'room get ID']],
  [
    'a missing second operand',
    ['room', 'put', 'demo'],
    ['FILE|- is missing', 'room put ID FILE|-'],
  ],
  ['no pair to set', ['room', 'set', 'demo'], ['KEY=VALUE... is missing']],
  ['an operand too many', ['room', 'get', 'demo', 'more'], ['2 came after', 'room get ID']],
  ['an operand where none belongs', ['room', 'list', 'demo'], ['1 came after', 'room list']],
  ['an unknown option', ['room', 'list', '--urll', 'x'], ['--urll', '--url, --token']],
  ['an unknown short option', ['room', 'list', '-x'], ['-x', '--url, --token']],
  ['an option that every object has', ['room', 'list', '--toString'], ['--toString']],
  ['a negated option', ['room', 'list', '--no-json'], ['--no-json', '--json']],
  [
    'another command’s option',
    ['room', 'get', 'demo', '--record', 'x'],
    ['--record', '"room get"'],
  ],
  ['an option without its value', ['room', 'list', '--url'], ['--url needs a value']],
  ['an option instead of a value', ['room', 'list', '--url', '--json'], ['--url needs a value']],
  ['an empty value', ['room', 'list', '--url='], ['--url needs a value']],
  ['a flag with a value', ['room', 'list', '--json=yes'], ['--json takes no value']],
  ['an option twice', ['room', 'list', '--url', 'a', '--url', 'b'], ['--url came twice']],
  [
    'verify without a record',
    ['verify', '--ticket', 'x'],
    ['--record is missing', '--ticket FILE'],
  ],
  ['verify without a ticket', ['verify', '--record', 'x'], ['--ticket is missing']],
  ['both files from standard input', ['verify', '--record', '-', '--ticket', '-'], ['not both']],
  ['an id with capitals', ['room', 'get', 'Demo'], ['"Demo"', '1 to 63 lower-case letters']],
  ['an id that climbs', ['room', 'delete', '../x'], ['"../x"', '1 to 63 lower-case letters']],
  ['an empty id', ['room', 'get', ''], ['1 to 63 lower-case letters']],
  ['an id of 64 characters', ['room', 'get', 'a'.repeat(64)], ['1 to 63']],
  ['a pair without =', ['room', 'set', 'demo', 'stock'], ['"stock"', 'key=value']],
  ['a pair without a key', ['room', 'set', 'demo', '=1'], ['"=1"', 'key=value']],
  ['an unknown field', ['room', 'set', 'demo', 'stok=1'], ['stok', 'capacity, stock, stockLeft']],
  ['a fixed field', ['room', 'set', 'demo', 'turnSeconds=9'], ['turnSeconds', 'capacity, stock']],
  ['a field twice', ['room', 'set', 'demo', 'stock=1', 'stock=2'], ['stock came twice']],
  [
    'a number with letters',
    ['room', 'set', 'demo', 'stock=1k'],
    ['"1k"', 'a whole number or null'],
  ],
  ['a fraction', ['room', 'set', 'demo', 'capacity=1.5'], ['"1.5"', 'a whole number']],
  ['an empty number', ['room', 'set', 'demo', 'capacity='], ['""', 'a whole number']],
  ['a rate of null', ['room', 'set', 'demo', 'ratePerMinute=null'], ['null came', '0 to 1000000']],
  [
    'half a plan',
    ['room', 'set', 'demo', 'ratePlan=2026-12-01T06:00:00Z'],
    ['ratePlan', 'at=rate'],
  ],
  ['a plan without a time', ['room', 'set', 'demo', 'ratePlan==600'], ['"=600"', 'at=rate']],
  ['a plan of fractions', ['room', 'set', 'demo', 'ratePlan=2026-12-01T06:00:00Z=1.5'], ['1.5']],
  [
    'a plan that ends in a comma',
    ['room', 'set', 'demo', 'ratePlan=2026-12-01T06:00:00Z=600,'],
    ['""', 'at=rate'],
  ],
  ['a plan of no time', ['room', 'set', 'demo', 'ratePlan=noon=600'], ['ratePlan.0.at']],
  ['an unknown mode', ['room', 'set', 'demo', 'mode=open'], ['mode', 'line, auto, off, closed']],
  ['half a field of health', ['room', 'set', 'demo', 'health=1'], ['health', 'health.latencyMs']],
  [
    'two mistakes in health',
    ['room', 'set', 'demo', 'health.latencyMs=0', 'health.errorRate=2'],
    ['health.latencyMs: 0 came', 'health.errorRate: 2 came'],
  ],
  ['a setting of an earlier version', ['room', 'set', 'demo', 'stockFactor=2'], ['no such field']],
  [
    'a share of errors that is no number',
    ['room', 'set', 'demo', 'health.errorRate=1e-3'],
    ['"1e-3"', 'a number'],
  ],
  [
    'a version of letters',
    ['room', 'set', 'demo', 'stock=1', '--if-version', 'x'],
    ['--if-version'],
  ],
  [
    'a version below 0',
    ['room', 'put', 'demo', '-', '--if-version=-1'],
    ['--if-version', 'from 0'],
  ],
  ['no places', ['room', 'let-in', 'demo'], ['PLACES is missing']],
  ['0 places', ['room', 'let-in', 'demo', '0'], ['PLACES: "0" came', '1 to 100000']],
  ['too many places', ['room', 'let-in', 'demo', '100001'], ['"100001" came', '1 to 100000']],
  ['half a place', ['room', 'let-in', 'demo', '1.5'], ['"1.5" came', 'a whole number']],
  ['no word of health', ['room', 'health', 'demo'], ['--latency-ms is missing', '--alarm']],
  [
    'half a word of health',
    ['room', 'health', 'demo', '--latency-ms', '5'],
    ['--error-rate is missing', '--alarm'],
  ],
  [
    'two words of health',
    ['room', 'health', 'demo', '--alarm', 'on', '--error-rate', '0'],
    ['both came', 'either --alarm'],
  ],
  [
    'an alarm that is neither',
    ['room', 'health', 'demo', '--alarm', 'yes'],
    ['"yes"', 'on or off'],
  ],
  [
    'a latency that is too long',
    ['room', 'health', 'demo', '--latency-ms', '600001', '--error-rate', '0'],
    ['--latency-ms: "600001" came', '0 to 600000'],
  ],
  [
    'errors beyond all',
    ['room', 'health', 'demo', '--latency-ms', '1', '--error-rate', '1.01'],
    ['--error-rate: "1.01" came', '0 to 1'],
  ],
  ['no group', ['invite', 'demo'], ['--group is missing', 'invite ID --group NAME']],
  ['a group with capitals', ['invite', 'demo', '--group', 'VIP'], ['--group: "VIP"', 'lower-case']],
  [
    'no invitations',
    ['invite', 'demo', '--group', 'a', '--count', '0'],
    ['--count: "0"', '1 to 1000'],
  ],
  [
    'too many invitations',
    ['invite', 'demo', '--group', 'a', '--count', '1001'],
    ['--count: "1001"', '1 to 1000'],
  ],
  [
    'invitations until a word',
    ['invite', 'demo', '--group', 'a', '--expires', 'tomorrow'],
    ['--expires: "tomorrow"', '2026-12-01T06:00:00Z'],
  ],
  [
    'invitations until a time without a zone',
    ['invite', 'demo', '--group', 'a', '--expires', '2026-12-01T06:00:00'],
    ['--expires', 'with its zone'],
  ],
  ['a time without a zone', ['room', 'set', 'demo', 'opensAt=2026-12-01T06:00:00'], ['opensAt']],
  [
    'two mistakes at once',
    ['room', 'set', 'demo', 'stock=-1', 'capacity=0'],
    ['stock: -1 came', 'capacity: 0 came'],
  ],
  ['another protocol', ['room', 'list', '--url', 'ftp://h'], ['--url', 'not an http(s) address']],
  ['an address without a protocol', ['room', 'list', '--url', 'localhost:80'], ['not an http(s)']],
  ['an address with credentials', ['room', 'list', '--url', 'http://a:b@h'], ['credentials']],
  ['an address with a query', ['room', 'list', '--url', 'http://h/?a=1'], ['a query']],
  ['a token with a space', ['room', 'list', '--token', 'a b'], ['--token', 'a space']],
  ['a token with a line end', ['room', 'list', '--token', 'a\n'], ['--token', 'line end']],
]

describe('a command line that cannot be used', () => {
  it.each(BAD_USAGE)('%s exits 2, names what came and what is allowed', async (_, words, named) => {
    const operator = await startOperator(() => ({ body: {} }))
    const { exitCode, output, complaint } = await run(words, { url: operator.url })
    expect(exitCode).toBe(2)
    expect(output).toBe('')
    for (const name of named) expect(complaint).toContain(name)
    if (!words.includes('--json')) expect(complaint).toContain('--help')
    expect(operator.received).toEqual([])
  })

  it('names the options of its command alone, and the way to its help', async () => {
    for (const option of ['--foo', '--record']) {
      const { complaint } = await run(['room', 'get', 'demo', option, 'x'])
      expect(complaint.split('\n')).toEqual([
        `antichambre: "room get" has no option ${option}; --url, --token, --json, --help, --version are allowed`,
        'help: npm run -s cli -- room get --help',
        '',
      ])
    }
    expect((await run(['rooms'])).complaint).toMatch(/\nhelp: npm run -s cli -- --help\n$/)
  })

  it('needs a token, from the option or from the environment', async () => {
    const { exitCode, complaint } = await run(['room', 'list'], { env: { ANTICHAMBRE_TOKEN: '' } })
    expect(exitCode).toBe(2)
    expect(complaint).toContain('ANTICHAMBRE_TOKEN or --token')
  })

  it('complains as JSON with --json, wherever that stands', async () => {
    for (const words of [
      ['--json', 'rooms'],
      ['rooms', '--json'],
    ]) {
      const { exitCode, complaint } = await run(words)
      expect(exitCode).toBe(2)
      expect(JSON.parse(complaint)).toEqual({
        error: {
          code: 'usage',
          message:
            'no command "rooms"; room, invite, verify, rehearse, preflight, keys, gate are allowed',
        },
      })
    }
  })

  it('failure mode 42: never repeats a token, however it is mistyped', async () => {
    for (const words of [
      ['room', 'list', `--tokn=${TOKEN}`],
      ['room', 'list', '--tokn', TOKEN],
      ['room', 'list', '--token', TOKEN, '--token', TOKEN],
      ['room', 'list', '--token', `${TOKEN} `],
      ['room', 'list', `--json=${TOKEN}`],
      ['room', 'list', TOKEN],
      ['room', 'list', '--token', `-${TOKEN}`],
      ['room', 'list', '--url', `http://x:${TOKEN}@h`],
    ]) {
      const { exitCode, output, complaint } = await run(words)
      expect([words, exitCode]).toEqual([words, 2])
      expect(output + complaint).not.toContain(TOKEN)
    }
  })
})

describe('help', () => {
  it('lists every command, and says more about each', async () => {
    const whole = await run(['--help'])
    expect(whole.exitCode).toBe(0)
    for (const { name, summary, options } of COMMANDS) {
      expect(whole.output).toContain(name)
      expect(whole.output).toContain(summary)
      const own = await run([...name.split(' '), '-h'])
      expect(own.exitCode).toBe(0)
      expect(own.output.toLowerCase()).toContain(summary.toLowerCase())
      for (const option of [...options, 'json', 'help']) expect(own.output).toContain(`--${option}`)
    }
  })

  it('of a group leaves the other commands out', async () => {
    const { exitCode, output } = await run(['room', '--help'])
    expect(exitCode).toBe(0)
    expect(output).toContain('room pause ID')
    expect(output).not.toContain('verify')
  })

  it('fits a terminal of 100 columns', async () => {
    for (const topic of [[], ['room'], ...COMMANDS.map(({ name }) => name.split(' '))]) {
      const { output } = await run([...topic, '--help'])
      for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    }
  })
})

describe('--version', () => {
  it('prints the version of the package', async () => {
    expect((await run(['--version'])).output).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(JSON.parse((await run(['--version', '--json'])).output).version).toMatch(/^\d+\./)
  })
})
