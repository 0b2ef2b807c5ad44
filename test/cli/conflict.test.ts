/** Operators who do not know of each other. */
import { describe, expect, it } from 'vitest'
import { answerAll, folderWith, run, startOperator, TOKEN } from './support.ts'

const EDITS: string[][] = [
  ['room', 'set', 'demo', 'stock=1'],
  ['room', 'put', 'demo', 'room.json'],
]
const folder = () => folderWith({ 'room.json': { showroomUrl: 'https://shop.example/' } })

describe('--if-version', () => {
  it.each(EDITS)('travels as If-Match with %s %s', async (...words) => {
    for (const [version, header] of [
      ['0', '"0"'],
      ['17', '"17"'],
    ] as const) {
      const operator = await startOperator(answerAll)
      const given = [...words, '--if-version', version]
      const { exitCode } = await run(given, { url: operator.url, folder: folder() })
      expect(exitCode).toBe(0)
      expect(operator.received.map(({ headers }) => headers['if-match'])).toEqual([header])
    }
  })

  it.each(EDITS)('is not there unless it is given with %s %s', async (...words) => {
    const operator = await startOperator(answerAll)
    await run(words, { url: operator.url, folder: folder() })
    expect(operator.received.map(({ headers }) => headers['if-match'])).toEqual([undefined])
  })

  it('is an option of edits alone', async () => {
    const { exitCode, complaint } = await run(['room', 'open', 'demo', '--if-version', '1'])
    expect(exitCode).toBe(2)
    expect(complaint).toContain('"room open" has no option --if-version')
  })
})

describe('an edit conflict', () => {
  const conflict = (facts: object) => ({
    status: 409,
    body: {
      error: { code: 'edit-conflict', message: 'version 3 came, 5 is there; changed since: stock' },
      ...facts,
    },
  })
  const set = (url: string, ...more: string[]) =>
    run(['room', 'set', 'demo', 'stock=1', '--if-version', '3', ...more], { url })

  it('says what changed and how to go on', async () => {
    const changed = { ratePerMinute: 900, message: 'More cars\u001b[31m', capacity: null }
    const { url } = await startOperator(() => conflict({ version: 5, changed }))
    const { exitCode, output, complaint } = await set(url)
    expect([exitCode, output]).toEqual([1, ''])
    expect(complaint.split('\n')).toEqual([
      'antichambre: version 3 came, 5 is there; changed since: stock (edit-conflict)',
      'Others changed, and it is now:',
      '  ratePerMinute  900',
      '  message        More cars·[31m',
      '  capacity       -',
      'To change it all the same, look at it and add --if-version 5.',
      '',
    ])
  })

  it('says how to go on where nobody knows what changed', async () => {
    const { url } = await startOperator(() => conflict({ version: 5, changed: {} }))
    const { complaint } = await set(url)
    expect(complaint).not.toContain('Others changed')
    expect(complaint).toContain('--if-version 5')
  })

  it('is told as JSON as the server told it', async () => {
    const facts = { version: 5, changed: { ratePlan: '[{"at":"2026-12-01T06:00:00Z"}]' } }
    const { url } = await startOperator(() => conflict(facts))
    const { complaint } = await set(url, '--json')
    expect(JSON.parse(complaint)).toEqual(conflict(facts).body)
  })

  it('of two who were equally fast says so, and no more', async () => {
    const { url } = await startOperator(() => conflict({}))
    const { complaint } = await set(url)
    expect(complaint).toBe(
      'antichambre: version 3 came, 5 is there; changed since: stock (edit-conflict)\n',
    )
  })

  it('failure mode 42: says the token back, which is not printed', async () => {
    const changed = { message: `see ${TOKEN}` }
    for (const more of [[], ['--json']]) {
      const { url } = await startOperator(() => conflict({ version: 5, changed }))
      const { complaint } = await set(url, ...more)
      expect(complaint).toContain('see (token)')
      expect(complaint).not.toContain(TOKEN)
    }
  })
})
