import { expect, test } from 'vitest'
import { unitsOf } from '../../../lib/rehearsal/cloud/database.ts'
import { createParsed, createRehearsalStore } from '../../../lib/rehearsal/cloud/store.ts'
import { type Connection, createTable } from '../../../lib/rehearsal/cloud/table.ts'

test('the sizes of a cohort are one request, with a unit for each shard, or half of one', async () => {
  const sent: { readonly kind: string; readonly units: number }[] = []
  const table = createTable()
  const connection: Connection = {
    async send(request) {
      sent.push({ kind: request.kind, units: unitsOf(request) })
      return request.apply(table.find)
    },
  }
  const store = createRehearsalStore(table.itemsOver(connection), createParsed())
  await store.sizes('demo', 0, 8, { consistent: true })
  await store.sizes('demo', 0, 8)
  expect(sent).toEqual([
    { kind: 'read', units: 8 },
    { kind: 'read', units: 4 },
  ])
})
