/** Makes a DynamoDB client fail in the ways that a process, a database and a network do. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { isWrite } from '../../contract/harness.ts'

export class Death extends Error {}

/** The process dies before its write number `writes + 1`: that and all later requests fail. */
function dieAfter(client: DynamoDBClient, writes: number): { undo(): void } {
  let sent = 0
  let isDead = false
  return intercept(client, 'initialize', async (commandName, send) => {
    if (isWrite(commandName) && sent++ === writes) isDead = true
    if (isDead) throw new Death('the process died')
    return send()
  })
}

/** Runs it in a process that dies before its write number `writes + 1`. Says whether it lived. */
export async function dying(
  client: DynamoDBClient,
  writes: number,
  act: () => Promise<unknown>,
): Promise<boolean> {
  const fault = dieAfter(client, writes)
  try {
    await act()
    return true
  } catch (error) {
    if (!(error instanceof Death)) throw error
    return false
  } finally {
    fault.undo()
  }
}

/** Others act just before the write with this number is sent. */
export function beforeWrite(
  client: DynamoDBClient,
  write: number,
  act: () => Promise<unknown>,
): { undo(): void } {
  let sent = 0
  return intercept(client, 'initialize', async (commandName, send) => {
    if (isWrite(commandName) && sent++ === write) await act()
    return send()
  })
}

/**
 * Carries out the first attempt of the write with this number, and loses its answer.
 * @param meanwhile what others do before it is sent again.
 */
export function loseAnswer(
  client: DynamoDBClient,
  write: number,
  meanwhile: () => Promise<unknown> = async () => {},
): { undo(): void } {
  let sent = 0
  return intercept(client, 'attempt', async (commandName, send) => {
    const answer = await send()
    if (!isWrite(commandName) || sent++ !== write) return answer
    await meanwhile()
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  })
}

/** The first attempt of the write with this number never reaches the database. */
export function refuseOnce(client: DynamoDBClient, write: number): { undo(): void } {
  let sent = 0
  return intercept(client, 'attempt', async (commandName, send) => {
    if (!isWrite(commandName) || sent++ !== write) return send()
    throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  })
}

/** Carries out the first attempt of the write with this number, loses its answer, and takes no other. */
export function loseAndRefuse(client: DynamoDBClient, write: number): { undo(): void } {
  let [commands, attempts] = [0, 0]
  const counting = intercept(client, 'initialize', async (commandName, send) => {
    if (isWrite(commandName)) commands++
    return send()
  })
  const losing = intercept(client, 'attempt', async (commandName, send) => {
    if (!isWrite(commandName) || commands !== write + 1) return send()
    if (attempts++ > 0) throw named('ThrottlingException')
    await send()
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  })
  const undo = () => {
    counting.undo()
    losing.undo()
  }
  return { undo }
}

/** Refuses, or carries out and then fails, every attempt of so many writes from this number on. */
export function failWrites(
  client: DynamoDBClient,
  from: number,
  how: 'throttled' | 'answers lost',
  writes = 1,
): { undo(): void } {
  let sent = 0
  return intercept(client, 'initialize', async (commandName, send) => {
    if (!isWrite(commandName)) return send()
    const number = sent++
    if (number < from || number >= from + writes) return send()
    if (how === 'throttled') throw named('ThrottlingException')
    await send()
    throw named('TimeoutError')
  })
}

function named(name: string): Error {
  return Object.assign(new Error('text of the original'), { name })
}

type Fault = (commandName: string | undefined, send: () => Promise<unknown>) => Promise<unknown>

let interceptors = 0

/** At `initialize` a fault meets each command once, at `attempt` each time that it is sent. */
function intercept(client: DynamoDBClient, at: 'initialize' | 'attempt', fault: Fault) {
  interceptors++
  const name = `fault-${interceptors}`
  const where = { priority: 'low', name } as const
  if (at === 'initialize') {
    client.middlewareStack.add(faulty(fault), { ...where, step: 'initialize' })
  } else {
    client.middlewareStack.add(faulty(fault), { ...where, step: 'finalizeRequest' })
  }
  return { undo: () => void client.middlewareStack.remove(name) }
}

function faulty(fault: Fault) {
  return <Args, Answer>(next: (args: Args) => Promise<Answer>, context: { commandName?: string }) =>
    async (args: Args): Promise<Answer> => {
      const sent: Answer[] = []
      await fault(context.commandName, async () => sent.push(await next(args)))
      const [answer] = sent
      if (answer === undefined) throw new Error('a fault that does not throw sends the request')
      return answer
    }
}
