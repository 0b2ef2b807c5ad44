/** The table of a room's fields in docs/admission.md, held to the schema, its bounds and its defaults. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { roomConfigSchema, roomPatchSchema } from '../../../lib/queue/room/config.ts'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'

const SHOP = 'https://shop.example/sale'
const NOW = '2026-12-01T06:00:00.000Z'

interface Row {
  readonly allowed: string
  readonly leftOut: string
  readonly inSale: string
}

/** By the field's name; those of `health` as the command line names them. */
const rows = new Map<string, Row>()
const [, section = ''] = readFileSync('docs/admission.md', 'utf8').split('\n## Every field\n')
for (const line of section.split('\n').filter(one => one.startsWith('| `'))) {
  const [name = '', allowed = '', leftOut = '', inSale = ''] = line
    .split('|')
    .slice(1)
    .map(cell => cell.trim())
  rows.set(name.replaceAll('`', ''), { allowed, leftOut, inSale })
}

interface Json {
  readonly properties: Readonly<Record<string, Json>>
  readonly anyOf?: readonly Json[]
  readonly minimum?: number
  readonly maximum?: number
}

function flat(schema: Json): [string, Json][] {
  return Object.entries(schema.properties).flatMap(([name, field]) =>
    name === 'health'
      ? Object.entries(field.properties).map(([part, one]): [string, Json] => [
          `health.${part}`,
          one,
        ])
      : [[name, field]],
  )
}

const fields = flat(z.toJSONSchema(roomConfigSchema) as unknown as Json)
const { health, ...config } = parseRoomConfig({ showroomUrl: SHOP }, Date.parse(NOW))
const defaults = new Map<string, unknown>([
  ...Object.entries(config),
  ...Object.entries(health).map(([name, value]) => [`health.${name}`, value] as const),
])

test('has a row for each field, and for no other', () => {
  expect([...rows.keys()].sort()).toEqual(fields.map(([name]) => name).sort())
})

describe.each(fields)('%s', (name, field) => {
  const row = rows.get(name) ?? { allowed: '', leftOut: '', inSale: '' }

  test('is told with its bounds', () => {
    const bounded = [field, ...(field.anyOf ?? [])].find(one => one.maximum !== undefined)
    if (bounded === undefined) return
    expect(row.allowed.replaceAll(',', '')).toContain(`${bounded.minimum} to ${bounded.maximum}`)
  })

  test('is told with what it is when it is left out', () => {
    const value = defaults.get(name)
    const words = new Map<unknown, string>([
      [config.showroomUrl, 'has to be there'],
      [config.allowedOrigins, 'that of `showroomUrl`'],
      [NOW, '**now**'],
    ])
    const empty = value === null || (Array.isArray(value) && value.length === 0)
    expect(row.leftOut).toBe(words.get(value) ?? (empty ? 'none' : `\`${value}\``))
  })

  test('says whether it may change while a sale runs', () => {
    const [top = ''] = name.split('.')
    expect(row.inSale).toBe(top in roomPatchSchema.shape ? 'yes' : '')
  })
})
