/** What stands in for parts of the SDK in deployed bundles; credentials have a file of their own. */
import { expect, test } from 'vitest'
import EndpointMemory from '../../../lib/constructs/bundle/endpoint-memory.ts'
import {
  EventStreamSerde,
  eventStreamSerdeProvider,
} from '../../../lib/constructs/bundle/no-event-streams.ts'

test('the memory of endpoints begins empty, whatever its capacity, and keeps what it is given', () => {
  for (const capacity of [1, 1000]) {
    const memory = new EndpointMemory<string>(capacity)
    expect([memory.size, memory.has('a'), memory.peek('a')]).toEqual([0, false, undefined])
    memory.set('a', 'x')
    expect([memory.has('a'), memory.peek('a'), memory.get('a')]).toEqual([true, 'x', 'x'])
    memory.clear()
    expect(memory.has('a')).toBe(false)
  }
})

test('an event stream is refused with the reason, should there ever be one', () => {
  for (const part of [EventStreamSerde, eventStreamSerdeProvider]) {
    expect(part).toThrow('made for operations without event streams')
  }
})
