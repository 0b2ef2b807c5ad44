/** A folder is entered by its doors alone. */
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DOORS, FOR_OWNERS } from './doors.ts'
import { importsOf, modules, targetOf } from './source.ts'

/** Who imports what of another folder. */
const entries = modules.flatMap(path =>
  importsOf(path)
    .filter(name => name.startsWith('.'))
    .map(name => ({ path, target: targetOf(path, name) }))
    .filter(({ target }) => target.startsWith('lib/') && !isAtHome(path, target)),
)

describe('the doors of a folder', () => {
  it('are all that other folders import', () => {
    expect(entries.length).toBeGreaterThan(100)
    const wrong = entries.filter(({ target }) => !isDoor(target))
    expect(wrong.map(({ path, target }) => `${path} imports ${target}`)).toEqual([])
  })

  it('are each used from outside, or by owners', () => {
    const used = new Set([...entries.map(({ target }) => target), ...FOR_OWNERS])
    const listed = Object.entries(DOORS).flatMap(([folder, files]) =>
      files.map(file => posix.join(folder, file)),
    )
    expect(listed.filter(path => !used.has(path))).toEqual([])
    expect(FOR_OWNERS.filter(path => !listed.includes(path))).toEqual([])
  })

  it('are told from what is inside', () => {
    expect(isDoor('lib/queue/admission/tick.ts')).toBe(true)
    expect(isDoor('lib/queue/admission/batches.ts')).toBe(false)
    expect(isDoor('lib/nowhere/x.ts')).toBe(false)
    expect(isAtHome('lib/queue/admission/tick.ts', 'lib/queue/admission/batches.ts')).toBe(true)
    expect(isAtHome('lib/queue/room/state.ts', 'lib/queue/admission/batches.ts')).toBe(false)
  })
})

function isDoor(path: string): boolean {
  return DOORS[posix.dirname(path)]?.includes(posix.basename(path)) === true
}

function isAtHome(path: string, target: string): boolean {
  return posix.dirname(path) === posix.dirname(target)
}
