/** An operator, from outside. */
import { expect } from 'vitest'
import type { Cloud } from '../support/cloud/cloud.ts'
import { type Answer, withHash } from '../support/cloud/network.ts'

/** @returns calls the API; what is refused fails the test. */
export function createOperator({ network, roomUrl, keys }: Cloud) {
  return async (method: string, path: string, body?: object): Promise<Answer> => {
    const asked = withHash({
      method,
      headers: { authorization: `Bearer ${keys.operatorToken}` },
      ...(body === undefined ? {} : { body }),
    })
    const answer = await network.request(`${roomUrl}/operator/api/rooms${path}`, asked)
    expect([method, path, answer.status < 300, answer.text]).toEqual([
      method,
      path,
      true,
      answer.text,
    ])
    return answer
  }
}
