/** The function of a gate at the edge. CloudFormation calls it, and a rule does every five minutes. */
import * as z from 'zod/mini'
import { edgeStoreKey } from '../../gate/edge/request/edge-config.ts'
import { ROOM_ID } from '../../queue/limits.ts'
import {
  answerResource,
  type ResourceEvent,
  type ResourceOutcome,
  resourceEventSchema,
} from './custom-resource.ts'
import { type EdgeKeysDeps, putEdgeKeys, refreshEdgeKeys, removeEdgeKeys } from './edge-keys.ts'

/** What the stack says of a gate, to CloudFormation and in the rule's event. */
const gateSchema = z.object({
  Room: z.string().check(z.regex(ROOM_ID)),
  InitialMode: z.enum(['on', 'off']),
})

export interface EdgeKeysHandlerDeps extends EdgeKeysDeps {
  /** The one store that this function may write to. */
  readonly storeArn: string
}

export function edgeKeysHandler(deps: EdgeKeysHandlerDeps) {
  return async (event: unknown): Promise<void> => {
    const asked = resourceEventSchema.safeParse(event)
    if (!asked.success) return onClock(deps, event)
    const outcome = await (asked.data.RequestType === 'Delete'
      ? onDelete(deps, asked.data)
      : onPut(deps, asked.data))
    await answerResource(asked.data, outcome, deps.sleep)
  }
}

async function onClock(deps: EdgeKeysHandlerDeps, event: unknown): Promise<void> {
  const { Room, InitialMode } = gateSchema.parse(event)
  try {
    say(Room, await refreshEdgeKeys(deps, Room, InitialMode))
  } catch (error) {
    complain(error)
    // What a handler throws Lambda writes into the log, word for word.
    throw new Error('the key value store could not be compared with the master secret')
  }
}

async function onPut(deps: EdgeKeysHandlerDeps, event: ResourceEvent): Promise<ResourceOutcome> {
  const { Room } = event.ResourceProperties
  // Another room or another store is another resource: CloudFormation then has the former one deleted.
  const id = `${deps.storeArn}/${edgeStoreKey(String(Room))}`
  try {
    const gate = gateSchema.parse(event.ResourceProperties)
    say(gate.Room, await putEdgeKeys(deps, gate.Room, gate.InitialMode))
    return { status: 'done', id }
  } catch (error) {
    const why = `the gate keys of the room ${Room} could not be put into the key value store: ${complain(error)}`
    return { status: 'failed', id, why }
  }
}

/** Always done: the store is deleted next anyway, and a failure here would keep the stack from going. */
async function onDelete(deps: EdgeKeysHandlerDeps, event: ResourceEvent): Promise<ResourceOutcome> {
  const gate = gateSchema.safeParse(event.ResourceProperties)
  // In another store than its own the function may do nothing; that one is being deleted.
  if (gate.success && event.ResourceProperties.StoreArn === deps.storeArn) {
    try {
      say(gate.data.Room, await removeEdgeKeys(deps, gate.data.Room))
    } catch (error) {
      complain(error)
    }
  }
  return { status: 'done', id: event.PhysicalResourceId ?? event.LogicalResourceId }
}

/**
 * Logs an error, and gives what CloudFormation may be told of it: its name alone, because messages of AWS
 * may quote what was sent.
 */
function complain(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown'
  // Of our own errors the messages are known to hold no key.
  const why = name === 'Error' && error instanceof Error ? error.message : name
  console.error({ error: why, what: 'edge keys' })
  return why
}

function say(room: string, outcome: string): void {
  if (outcome === 'written') console.info({ what: 'edge keys', room, outcome })
}
