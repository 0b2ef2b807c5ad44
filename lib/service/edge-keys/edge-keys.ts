/**
 * Gate keys at the edge. A deployment puts them into the key value store; later they follow the master
 * secret. docs/decisions/0014-edge-keys.md says why.
 */
import { setTimeout } from 'node:timers/promises'
import { edgeStoreKey } from '../../gate/edge/request/edge-config.ts'
import { withKeys } from '../../gate/edge/stored.ts'
import { changeEdgeValue, type EdgeStore } from '../../keys/edge-store.ts'
import { createKeyRing } from '../../keys/key-ring.ts'
import type { SecretVersion } from '../../keys/secret.ts'

export interface EdgeKeysDeps {
  readonly readSecret: () => Promise<SecretVersion>
  readonly store: EdgeStore
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<unknown>
}

/**
 * For so long after a change of the secret the store is compared with it every five minutes. A rotation
 * waits ten minutes; the rest is time for a store that cannot be reached at once. Later only the secret
 * is read, because each call to the store is paid for.
 */
export const EDGE_KEYS_FRESH_MS = 3_600_000

/**
 * The permissions of a new function, and a new store, are not known everywhere at once (AWS: "changes
 * that I make are not always immediately visible"). Half a minute in all.
 */
export const EDGE_KEYS_PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const

/** Puts the room's keys where its gate looks, beside the mode that the gate has. */
export async function putEdgeKeys(
  deps: EdgeKeysDeps,
  room: string,
  initialMode: 'on' | 'off',
): Promise<'written' | 'unchanged'> {
  return patiently(deps, async () => put(deps, room, initialMode, await deps.readSecret()))
}

/** Does the same, but only within `EDGE_KEYS_FRESH_MS` of a change of the secret. */
export async function refreshEdgeKeys(
  deps: EdgeKeysDeps,
  room: string,
  initialMode: 'on' | 'off',
): Promise<'written' | 'unchanged'> {
  const version = await deps.readSecret()
  if (deps.now() - version.sinceMs >= EDGE_KEYS_FRESH_MS) return 'unchanged'
  return put(deps, room, initialMode, version)
}

/** Removes the keys of a gate that was taken down. */
export async function removeEdgeKeys(
  deps: EdgeKeysDeps,
  room: string,
): Promise<'written' | 'unchanged'> {
  return patiently(deps, () => changeEdgeValue(deps.store, edgeStoreKey(room), () => undefined))
}

export const sleep = (ms: number): Promise<unknown> => setTimeout(ms)

function put(
  { store, now }: EdgeKeysDeps,
  room: string,
  initialMode: 'on' | 'off',
  { text }: SecretVersion,
): Promise<'written' | 'unchanged'> {
  const keys = createKeyRing(text).gateKeys(room)
  return changeEdgeValue(store, edgeStoreKey(room), value =>
    withKeys(value, keys, initialMode, now()),
  )
}

async function patiently<Outcome>(
  { sleep: pause }: EdgeKeysDeps,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  for (const pauseMs of EDGE_KEYS_PAUSES_MS) {
    try {
      return await work()
    } catch {
      await pause(pauseMs)
    }
  }
  return work()
}
