/** What the page's script is made of: every visitor of a rush loads it, so it has no library to parse schemas. */
import { expect, it } from 'vitest'
import { scriptSources } from '../../lib/page/build/build.ts'

it('the page has the rules that it shares with the room, and one package: the hash', () => {
  const present = [...scriptSources()].filter(([, bytes]) => bytes > 0).map(([path]) => path)
  expect(present).toContain('lib/page/browser/main.ts')
  expect(present).toContain('lib/queue/cohort/place.ts')
  const packages = present.flatMap(
    path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  )
  expect([...new Set(packages)]).toEqual(['@noble/hashes'])
})
