/** The gate at the edge, by what lies in its store. Pure, from what was read. */
import type { EdgeReading } from '../gate/edge/stored.ts'
import { modeText } from './gate.ts'
import { type Check, failed, ok } from './preflight-check.ts'
import { printable } from './text.ts'

/**
 * Does the gate know the key that the room signs with, and the one that it will sign with next?
 * @param kids of the room's keys: the one that signs, then the others from the oldest on.
 */
export function edgeCheck(
  room: string,
  gate: EdgeReading | undefined,
  kids: readonly string[],
): Check {
  const name = 'store'
  const again = 'deploy the stack of the gate again; is the store that of this gate?'
  if (gate === undefined) return failed(name, `the store knows no gate of ${room}`, again)
  const { mode, keyIds } = gate
  if (mode !== 'on') {
    return failed(name, `the gate is ${modeText(mode)}`, `gate mode ${room} on --store ARN`)
  }
  const needed = new Set([kids.at(0), kids.at(-1)].filter(kid => kid !== undefined))
  const missing = [...needed].filter(kid => !keyIds.includes(kid))
  if (missing.length > 0) {
    const says = `the gate does not know ${missing.map(printable).join(', ')}`
    return failed(name, says, `within five minutes of a rotation it should; else ${again}`)
  }
  return ok(name, `the gate is on and knows ${keyIds.map(printable).join(', ')}`)
}
