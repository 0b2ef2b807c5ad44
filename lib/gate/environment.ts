/** A gate's options out of environment variables, for showrooms that are configured so. */
import * as z from 'zod/mini'
import { AntichambreError } from '../queue/errors.ts'
import type { SigningKey } from '../queue/tokens/token.ts'
import type { GateOptions } from './options/options.ts'

const keysSchema = z.array(
  z.object({ id: z.string(), secret: z.string().check(z.regex(/^[A-Za-z0-9_-]+$/)) }),
)

/**
 * `ROOM`, `ROOM_URL` and `GATE_KEYS` are needed: the room's id, the address in front of `/r/:room`, and
 * the room's gate keys as JSON, `[{"id":"k1","secret":"<base64url>"}]`, the current one first.
 * `PUBLIC_URL` is the showroom's origin, `WAY` is `page` or `through`, `PROTECT` and `BYPASS` are paths
 * with spaces between them.
 * @throws AntichambreError `bad-request`, naming each variable that is missing or wrong, and nothing of
 *   what a key is.
 * @example
 * ```ts
 * import { gateOptionsFrom } from '../lib/gate/environment.ts'
 * import { gate } from '../lib/gate/node.ts'
 *
 * export const shop = gate(
 *   gateOptionsFrom({
 *     ROOM: 'cars',
 *     ROOM_URL: 'https://wait.example',
 *     GATE_KEYS: process.env.GATE_KEYS,
 *     PUBLIC_URL: 'https://shop.example',
 *     PROTECT: '/sale /checkout',
 *   }),
 * )
 * ```
 */
export function gateOptionsFrom(
  environment: Readonly<Record<string, string | undefined>>,
): GateOptions {
  const { ROOM = '', ROOM_URL = '', GATE_KEYS = '', PUBLIC_URL, WAY = 'page' } = environment
  const missing = Object.entries({ ROOM, ROOM_URL, GATE_KEYS }).filter(([, value]) => value === '')
  if (missing.length > 0) {
    throw new AntichambreError(
      'bad-request',
      missing.map(([name]) => `${name}: not set`).join('; '),
    )
  }
  if (WAY !== 'page' && WAY !== 'through') {
    throw new AntichambreError('bad-request', 'WAY: page or through is allowed')
  }
  return {
    room: ROOM,
    roomUrl: ROOM_URL,
    keys: gateKeysFrom(GATE_KEYS),
    publicUrl: PUBLIC_URL || undefined,
    way: WAY,
    protect: pathsIn(environment.PROTECT),
    bypass: pathsIn(environment.BYPASS),
  }
}

function gateKeysFrom(text: string): readonly SigningKey[] {
  const outcome = keysSchema.safeParse(jsonOrNothing(text))
  if (!outcome.success) {
    throw new AntichambreError(
      'bad-request',
      'GATE_KEYS: a JSON list of ids and secrets is allowed',
    )
  }
  return outcome.data.map(({ id, secret }) => ({
    id,
    secret: new Uint8Array(Buffer.from(secret, 'base64url')),
  }))
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function pathsIn(text: string | undefined): readonly string[] | undefined {
  const paths = text?.split(/\s+/).filter(path => path !== '') ?? []
  return paths.length === 0 ? undefined : paths
}
