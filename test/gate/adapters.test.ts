/** Every adapter on the one table of cases, and what the table cannot ask: whole walks. */
import { describe, expect, test } from 'vitest'
import { adapters, gateOf } from './adapters.ts'
import { callOf, cases, type GateCase } from './cases.ts'
import { walks, walkWith } from './walks.ts'
import { decisionGate } from './wire.ts'

/** Some servers read an address as URLs are read, others take it as it comes: `..`, `\` and the like. */
const isPlain = ({ request }: GateCase) => {
  const { url } = callOf({ name: '', wire: {}, ...(request && { request }) }).request
  return new URL(url).href === url
}

/** Node's parser answers methods that it does not know by itself: see node.test.ts. */
const isParsed = ({ request }: GateCase) => request?.method !== 'BREW'

describe.each(adapters)('$name', adapter => {
  const gate = gateOf(adapter)

  const asked = adapter.normalises ? cases.filter(isPlain) : cases.filter(isParsed)

  test.each(asked)('$name', async given => {
    const wire = await gate(callOf(given))
    expect(wire).toMatchObject(given.wire)
    expect(wire).toEqual(await decisionGate(callOf(given)))
  })

  test.each(walks)('$name', walk => walkWith(adapter, walk))
})
