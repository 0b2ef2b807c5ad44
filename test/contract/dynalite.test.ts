import { afterAll, beforeAll } from 'vitest'
import { makeDynamoContestant, startDynalite } from './harness.ts'
import { storeContract } from './store.ts'

let server: Awaited<ReturnType<typeof startDynalite>>
beforeAll(async () => {
  server = await startDynalite()
})
afterAll(() => server.close())

storeContract('dynalite', options => makeDynamoContestant(server.endpoint, options))
