import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { BadOption, parsePlan, USAGE } from './options.ts'

const CORES = 2
const parse = (line: string) => parsePlan(line.split(' ').filter(Boolean), CORES)

test('`npm run simulate -- --help` says how it is used, and plays nothing', () => {
  const words = ['--import', 'tsx', 'test/simulation/main.ts', '--help']
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect([status, stdout, stderr]).toEqual([0, `${USAGE}\n`, ''])
})

describe('the command line', () => {
  test('has a default for everything', () => {
    expect(parse('')).toEqual({ from: 0, seeds: 500, jobs: CORES, one: undefined })
  })

  test('takes many seeds, or one', () => {
    expect(parse('--seeds 2000 --from 7 --jobs 1')).toMatchObject({ seeds: 2000, from: 7, jobs: 1 })
    expect(parse('--seed 17').one).toBe(17)
  })

  test.each([
    ['--seeds 0', '--seeds: 0 came, a whole number from 1 to 10000000 is allowed'],
    ['--seeds 1.5', '--seeds: 1.5 came, a whole number from 1 to 10000000 is allowed'],
    ['--seed -1', '--seed: -1 came, a whole number from 0 to 1000000000 is allowed'],
    ['--seeds', '--seeds: nothing came, a whole number from 1 to 10000000 is allowed'],
    ['--seeds many', '--seeds: many came, a whole number from 1 to 10000000 is allowed'],
    ['--seeds 1 --seeds 2', '--seeds came twice'],
    ['--sead 1', 'no option --sead; --seeds, --from, --seed, --jobs are allowed'],
    ['17', '"17" came, options alone are allowed'],
    ['--seed 1 --from 1', '--seed is one seed alone, no other option is allowed beside it'],
  ])('%s is refused: %s', (line, message) => {
    expect(() => parse(line)).toThrow(new BadOption(message))
  })
})
