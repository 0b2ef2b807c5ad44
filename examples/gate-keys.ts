/**
 * Prints a room's gate keys as the examples take them, in `GATE_KEYS`. With these keys anybody can be let
 * into that one showroom, and into no other; tickets and draws have keys of their own. This is for a room on
 * one machine; on AWS it is `npm run -s cli -- keys gate ROOM --secret ARN`.
 *
 * MASTER_SECRET='{"current":"k1","k1":"…"}' npx tsx examples/gate-keys.ts ROOM
 */
import { createKeyRing } from '../lib/keys/key-ring.ts'
import { ROOM_ID, ROOM_ID_RULE } from '../lib/queue/limits.ts'

const [room] = process.argv.slice(2)
if (room === undefined) throw new Error('say which room: npx tsx examples/gate-keys.ts ROOM')
if (!ROOM_ID.test(room)) throw new Error(`a room's id has ${ROOM_ID_RULE}`)
const secret = process.env.MASTER_SECRET
// without one `npm start` makes its own, which nobody else knows
if (!secret) throw new Error('MASTER_SECRET: not set; give it the text that `npm start` has')
const keys = createKeyRing(secret).gateKeys(room)
console.log(
  JSON.stringify(
    keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret).toString('base64url') })),
  ),
)
