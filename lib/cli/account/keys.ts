/** `keys ...`: rotates the master secret and prints what is derived from it, never the secret itself. */
import { randomBytes } from 'node:crypto'
import { createKeyRing, type KeyRing } from '../../keys/key-ring.ts'
import { nextRotation, ROTATION_WAIT_MS } from '../../keys/rotation.ts'
import type { SecretVersion } from '../../keys/secret.ts'
import type { SecretVersions } from '../../keys/secret-versions.ts'
import { checkedRoom } from '../room/room.ts'
import { type CliIo, type Command, type OptionValues, refused } from '../shared/command.ts'
import { timeText } from '../shared/text.ts'
import { askAws, awsAccount } from './account.ts'

/** Makes 64 characters, as many as the first key has, which Secrets Manager made. */
const KEY_BYTES = 48

/** The next step of a rotation: adds a key, or lets the added one sign. */
export const keysRotate: Command['run'] = async (_operands, options, io) => {
  const { versions, seen } = await openSecret(options, io)
  const nowMs = io.now?.() ?? Date.now()
  const step = refuseBadSecret(() => {
    const newKey = randomBytes(KEY_BYTES).toString('base64url')
    return nextRotation(seen.text, seen.sinceMs, newKey, nowMs)
  })
  switch (step.status) {
    case 'too-early':
      throw refused(
        'too-early',
        `${step.keyId} was added a moment ago, and instances may not know it yet; it may sign from ${timeText(step.readyAtMs)} on: give the command again then`,
      )
    case 'added': {
      await writeSecret(versions, step.secret, seen)
      const { keyId } = step
      const readyAt = timeText(nowMs + ROTATION_WAIT_MS)
      return {
        exitCode: 0,
        json: { status: 'added', keyId, readyAt },
        text: () => added(keyId, readyAt),
      }
    }
    case 'signing': {
      await writeSecret(versions, step.secret, seen)
      const { keyId, former } = step
      return {
        exitCode: 0,
        json: { status: 'signing', keyId, former },
        text: () => signs(keyId, former),
      }
    }
  }
}

export const keysToken: Command['run'] = async (_operands, options, io) => {
  const { operatorToken: token } = await ringOf(options, io)
  return { exitCode: 0, json: { token }, text: () => token }
}

/** Prints a room's gate keys in the form of `GATE_KEYS`. */
export const keysGate: Command['run'] = async ([id = ''], options, io) => {
  const room = checkedRoom(id)
  const ring = await ringOf(options, io)
  const keys = ring.gateKeys(room).map(({ id: keyId, secret }) => ({
    id: keyId,
    secret: Buffer.from(secret).toString('base64url'),
  }))
  return { exitCode: 0, json: keys, text: () => JSON.stringify(keys) }
}

function added(keyId: string, readyAt: string): string {
  return [
    `${keyId} is known and signs nothing yet; nobody notices. What is left to do:`,
    `1. give every gate the new key beside the old one: a Gate on CloudFront learns it by itself within`,
    '   five minutes (`gate get ROOM` shows it); for the others `keys gate ROOM` prints the keys',
    `2. from ${readyAt} on, and when that is done: give this command again, then ${keyId} signs`,
  ].join('\n')
}

function signs(keyId: string, former: string): string {
  return [
    `${keyId} signs from now on, everywhere within five minutes. What ${former} signed stays good, and`,
    `sales that began with it are drawn with it. The operator's token is another one: \`keys token\`.`,
  ].join('\n')
}

async function ringOf(options: OptionValues, io: CliIo): Promise<KeyRing> {
  const { seen } = await openSecret(options, io)
  return refuseBadSecret(() => createKeyRing(seen.text))
}

async function openSecret({ secret = '' }: OptionValues, io: CliIo) {
  const account = io.account ?? awsAccount
  return askAws('the secret', async () => {
    const versions = await account.secret(secret)
    return { versions, seen: await versions.read() }
  })
}

async function writeSecret(
  versions: SecretVersions,
  text: string,
  seen: SecretVersion,
): Promise<void> {
  const outcome = await askAws('the secret', () => versions.write(text, seen))
  if (outcome === 'written') return
  throw refused(
    'edit-conflict',
    'somebody else changed the secret in this moment; nothing was changed',
  )
}

/** @throws CliError `bad-secret`; its message never quotes the secret. */
function refuseBadSecret<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    throw refused('bad-secret', `${why}; is this the secret MasterSecretArn of the stack?`)
  }
}
