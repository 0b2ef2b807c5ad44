/** Every gate on the one table of cases; and all of them alike on requests that nobody thought of. */
import { describe, expect, test } from 'vitest'
import { callOf, cases } from './cases.ts'
import { edgeGate } from './edge/gate.ts'
import { decisionGate } from './wire.ts'

describe.each([
  ['the decision in TypeScript', decisionGate],
  ['the function at the edge', edgeGate],
])('%s', (_, gate) => {
  test.each(cases)('$name', async given => {
    expect(await gate(callOf(given))).toMatchObject(given.wire)
  })
})

test.each(cases)('alike at the edge: $name', async given => {
  expect(await edgeGate(callOf(given))).toEqual(await decisionGate(callOf(given)))
})
