import { createParsed, createRehearsalStore } from '../../lib/rehearsal/cloud/store.ts'
import { type Connection, createTable } from '../../lib/rehearsal/cloud/table.ts'
import type { Contestant } from './harness.ts'
import { storeContract } from './store.ts'

/** The rehearsal's store without limits and without time. */
async function makeContestant(): Promise<Contestant> {
  const [table, parsed] = [createTable(), createParsed()]
  let writes = 0
  const connection: Connection = {
    async send(request) {
      if (request.kind === 'write') writes++
      // Others go on between two requests.
      await Promise.resolve()
      return request.apply(table.find)
    },
  }
  const makeStore = () => createRehearsalStore(table.itemsOver(connection), parsed)
  return {
    store: makeStore(),
    again: makeStore,
    writes: () => writes,
    close: async () => {},
  }
}

storeContract('the memory of the rehearsal', makeContestant)
