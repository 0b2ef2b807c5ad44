/** What a run asks of the server besides the load: the operator's requests, and waiting for news. */
import { type Status, statusSchema } from '../../lib/queue/visitor/room-status.ts'
import type { Room } from '../shared/processes.ts'
import { type Answer, ask, httpRequest } from './load.ts'

const LOOK_MS = 250
const NEWS_MS_MAX = 180_000

export function createClient(server: Room) {
  const operate = async (method: string, path: string, body?: object): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/operator/api/rooms/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.operatorToken}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  }
  const get = (path: string): Promise<Answer> => ask(server.port, httpRequest('GET', path))

  return {
    get,
    putRoom: (name: string, config: object) =>
      operate('PUT', name, { showroomUrl: 'https://shop.example/sale', ...config }),
    patchRoom: (name: string, patch: object) => operate('PATCH', name, patch),
    act: (name: string, action: 'open') => operate('POST', `${name}/${action}`),
    /** The first status that is as wanted. */
    async until(name: string, wanted: (status: Status) => boolean): Promise<Status> {
      const startedAt = Date.now()
      for (;;) {
        const status = statusSchema.parse(JSON.parse((await get(`/r/${name}/status`)).body))
        if (wanted(status)) return status
        if (Date.now() - startedAt > NEWS_MS_MAX) {
          throw new Error(`the room stands still: ${JSON.stringify(status)}`)
        }
        await new Promise(resolve => setTimeout(resolve, LOOK_MS))
      }
    },
  }
}
