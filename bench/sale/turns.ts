/** Admitted visitors take their turn, and every pass is checked. */
import { createHash } from 'node:crypto'
import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { verifyPass } from '../../lib/queue/tokens/pass.ts'
import { passSchema } from '../../lib/web/contract/schemas.ts'
import { TICKET_COOKIE } from '../../lib/web/request/ticket-desk.ts'
import { httpRequest } from './load.ts'
import type { Parts } from './parts.ts'
import type { Compared } from './rounds.ts'
import type { Chosen } from './visitors.ts'

export interface Turns {
  readonly figures: Compared & { readonly writesPerTurn: number }
  readonly broken: readonly string[]
}

/** @param chosen as many as the rounds can share evenly. */
export async function takeTurns(
  parts: Parts,
  room: string,
  chosen: readonly Chosen[],
  rounds: number,
): Promise<Turns> {
  const broken = new Set<string>()
  const passes = new Set<string>()
  const gateKeys = createKeyRing(parts.server.masterSecret).gateKeys(room)
  const nonce = createHash('sha256').update('a browser').digest('base64url')
  const body = JSON.stringify({ nonce })
  const check = (answer: string, ticketId: string | undefined) => {
    const { location, expiresAtMs } = passSchema.parse(JSON.parse(answer))
    const token = new URL(location).searchParams.get(PASS_PARAMETER) ?? ''
    // By the pass's own clock: on a slow machine this client may check it late.
    const verifier = { room, nonceHashes: [nonce], nowMs: expiresAtMs - 1, keys: gateKeys }
    const outcome = verifyPass(token, verifier)
    if (outcome.status === 'valid' && outcome.pass.sub === ticketId) passes.add(outcome.pass.jti)
    else broken.add('turn: a pass is not good, or of somebody else')
  }
  const side = parts.roomSide({
    request(number) {
      const cookie = `${TICKET_COOKIE}=${chosen[number]?.token}`
      return httpRequest('POST', `/r/${room}/passes`, { body, cookie })
    },
    onAnswer(answer) {
      if (answer.status === 503) return true
      if (answer.status === 200) check(answer.body, chosen[answer.number]?.id)
      else broken.add(`turn: an admitted visitor was answered ${answer.status}`)
      return false
    },
  })
  const { result, writes } = await parts.writesOf(chosen.length, () =>
    parts.compare({
      rounds,
      requestsPerRound: chosen.length / rounds,
      bare: parts.bareSide('pass', body),
      room: side,
    }),
  )
  if (passes.size !== chosen.length) {
    broken.add(`turn: ${chosen.length} took their turn, ${passes.size} passes are different`)
  }
  const { claim = 0, entries = 0 } = writes.all
  if (Math.min(claim, entries) < passes.size) {
    broken.add(`turn: of ${passes.size} ${entries} were counted in the house, ${claim} were kept`)
  }
  return {
    figures: { ...result, writesPerTurn: (claim + entries) / chosen.length },
    broken: [...broken],
  }
}
