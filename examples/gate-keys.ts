/**
 * A room's gate keys, as the examples take them: `GATE_KEYS`. Whoever has them can let anybody into that
 * one showroom, and into no other; tickets and draws have keys of their own.
 *
 * MASTER_SECRET="$(aws secretsmanager get-secret-value --secret-id ARN --query SecretString --output text)" \
 *   npx tsx examples/gate-keys.ts ROOM
 */
import { createKeyRing } from '../lib/store/keys.ts'

const [room] = process.argv.slice(2)
if (room === undefined) throw new Error('say which room: npx tsx examples/gate-keys.ts ROOM')
const keys = createKeyRing(process.env.MASTER_SECRET ?? '').gateKeys(room)
console.log(
  JSON.stringify(
    keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret).toString('base64url') })),
  ),
)
