import { describe, expect, it } from 'vitest'
import { answerAll, folderWith, only, roomAnswer, run, startOperator } from '../support.ts'

const CONFIG = { showroomUrl: 'https://shop.example/sale', message: 'Bonjour à tous' }

describe('room put', () => {
  it('says whether the room was created or replaced', async () => {
    const folder = folderWith({ 'room.json': CONFIG })
    for (const [status, done] of [
      [201, 'created'],
      [200, 'replaced'],
    ] as const) {
      const { url } = await startOperator(() => ({ status, body: roomAnswer() }))
      const { output } = await run(['room', 'put', 'demo', 'room.json'], { url, folder })
      expect(output).toBe(`room demo: ${done}; phase open, front 120, tail 300\n`)
    }
  })

  it('reads standard input as -, with a byte order mark or without', async () => {
    for (const mark of ['', '\ufeff']) {
      const operator = await startOperator(answerAll)
      const input = mark + JSON.stringify(CONFIG)
      const { exitCode } = await run(['room', 'put', 'demo', '-'], { url: operator.url, input })
      expect(exitCode).toBe(0)
      expect(JSON.parse(only(operator.received).body)).toEqual(CONFIG)
    }
  })

  const BAD_FILES: [string, unknown, string][] = [
    ['missing', undefined, 'file room.json does not exist'],
    ['empty', '', 'file room.json is empty'],
    ['broken', '{\n  "stock": 1\n  "capacity": 2 }', 'is not valid JSON: line 3, column 3'],
    ['cut off', '{"stock":', 'is not valid JSON: it ends too early'],
    ['no JSON at all', 'stock: 97', 'is not valid JSON: unexpected "s"'],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'is not UTF-8 text'],
    ['endless', 'x'.repeat(1024 * 1024 + 1), 'is too long: at most 1048576 bytes'],
  ]

  it.each(BAD_FILES)('names a file that is %s, and sends nothing', async (_, content, named) => {
    const operator = await startOperator(answerAll)
    const folder = folderWith(content === undefined ? {} : { 'room.json': content })
    const words = ['room', 'put', 'demo', 'room.json', '--json']
    const { exitCode, output, complaint } = await run(words, { url: operator.url, folder })
    expect([exitCode, output]).toEqual([2, ''])
    const { error } = JSON.parse(complaint)
    expect(error.code).toBe('bad-file')
    expect(error.message).toContain(named)
    expect(operator.received).toEqual([])
  })

  it('names a folder, and empty standard input', async () => {
    const inFolder = await run(['room', 'put', 'demo', '.'], { folder: folderWith({}) })
    expect(inFolder.complaint).toContain('is a folder')
    const empty = await run(['room', 'put', 'demo', '-'])
    expect(empty.complaint).toContain('standard input is empty')
    expect([inFolder.exitCode, empty.exitCode]).toEqual([2, 2])
  })
})
