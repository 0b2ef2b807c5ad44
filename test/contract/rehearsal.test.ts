import type { Connection } from '../../lib/rehearsal/cloud/database.ts'
import { createMemory } from '../../lib/rehearsal/cloud/memory.ts'
import { createRehearsalStore } from '../../lib/rehearsal/cloud/store.ts'
import type { Contestant } from './harness.ts'
import { storeContract } from './store.ts'

/** The rehearsal's store without limits and without time. */
async function makeContestant(): Promise<Contestant> {
  const memory = createMemory()
  let writes = 0
  const connection: Connection = {
    async send(access) {
      if (access.kind === 'write') writes++
      // Others go on between two requests.
      await Promise.resolve()
      return access.apply()
    },
  }
  return {
    store: createRehearsalStore(memory, connection),
    again: () => createRehearsalStore(memory, connection),
    writes: () => writes,
    close: async () => {},
  }
}

storeContract('the memory of the rehearsal', makeContestant)
