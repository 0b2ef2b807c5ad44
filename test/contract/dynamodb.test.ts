import { test } from 'vitest'
import { makeDynamoContestant } from './harness.ts'
import { storeContract } from './store.ts'

const endpoint = process.env.DYNAMODB_ENDPOINT

if (endpoint === undefined) {
  test.skip('the store contract on the server that DYNAMODB_ENDPOINT names', () => {})
} else {
  storeContract(`the server at ${endpoint}`, options => makeDynamoContestant(endpoint, options))
}
