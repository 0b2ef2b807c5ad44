/** The vectors of the draw, parsed. */
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { cohortRecordSchema } from '../../lib/queue/cohort/place.ts'

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const whole = z.int().check(z.gte(0))

const schema = z.object({
  published: z.object({
    files: z.array(z.object({ seed: hex, size: whole, sha256: hex })),
  }),
  permutations: z.array(z.object({ seed: hex, size: whole, positions: z.array(whole) })),
  samples: z.array(
    z.object({
      seed: hex,
      size: whole,
      samples: z.array(z.object({ index: whole, position: whole })),
    }),
  ),
  records: z.array(
    z.object({
      drawKey: hex,
      room: z.string(),
      record: cohortRecordSchema,
      places: z.array(z.object({ ticket: z.string(), shard: whole, index: whole, place: whole })),
    }),
  ),
  commitments: z.array(z.object({ seed: z.string(), commitment: z.string() })),
})

export const vectors = schema.parse(
  JSON.parse(readFileSync(new URL('../vectors/draw.json', import.meta.url), 'utf8')),
)

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}
