/** The table over memory: for what lib/store keeps in it, item by item, as DynamoDB does. */
import type { Fields, Item, Items } from '../../store/dynamodb/items.ts'
import type { Key } from '../../store/table.ts'
import type { Access, Connection } from './database.ts'
import { changed, holds } from './expressions.ts'

/** Items by their partition and their sort key. */
export type ItemMemory = Map<string, Map<string, Item>>

/** A write unit holds 1 KB, a read unit 4 KB. */
export const WRITE_BYTES = 1_024
export const READ_BYTES = 4_096
/** Partitions of which there are very many: one for each ticket. */
const OWN = /#(?:CLAIM|THROUGH|INVITATION)#/

export function createMemoryItems(memory: ItemMemory, connection: Connection): Items {
  const find = ({ pk, sk }: Key) => memory.get(pk)?.get(sk)
  const keep = (key: Key, fields: Item) => {
    const partition = memory.get(key.pk) ?? new Map<string, Item>()
    memory.set(key.pk, partition)
    partition.set(key.sk, { ...fields, ...key })
  }
  const read = <Result>(pk: string, bytes: number, consistent: boolean, apply: () => Result) => {
    const units = Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5)
    return connection.send(accessOf('read', pk, units, apply))
  }
  const write = <Result>(key: Key, bytes: number, apply: () => Result) => {
    const units = Math.max(1, Math.ceil(Math.max(bytes, bytesOf(find(key))) / WRITE_BYTES))
    return connection.send(accessOf('write', key.pk, units, apply))
  }

  return {
    get: (key, { consistent = true } = {}) =>
      read(key.pk, bytesOf(find(key)), consistent, () => find(key)),

    async getAll(keys, { consistent = true } = {}) {
      const bytes = keys.map(key => Math.max(1, Math.ceil(bytesOf(find(key)) / READ_BYTES)))
      const units = bytes.reduce((sum, one) => sum + one, 0) * (consistent ? 1 : 0.5)
      const [first] = keys
      if (first === undefined) return []
      return connection.send(accessOf('read', first.pk, units, () => keys.map(find)))
    },

    query(partition, { from = '', limit, backwards = false, consistent = true } = {}) {
      const sorted = () => {
        const found = [...(memory.get(partition) ?? [])]
          .filter(([sk]) => sk >= from)
          .sort(([a], [b]) => (a < b === backwards ? 1 : -1))
        return found.slice(0, limit).map(([, item]) => item)
      }
      const bytes = sorted().reduce((sum, item) => sum + bytesOf(item), 0)
      return read(partition, bytes, consistent, sorted)
    },

    put: (key, fields, condition) =>
      write(key, bytesOf(fields), () => {
        const isAllowed =
          condition === undefined || holds(condition.condition, find(key), condition.values)
        if (isAllowed) keep(key, defined(fields))
        return isAllowed
      }),

    update: (key, change) =>
      write(key, 0, () => {
        const { condition, values } = change
        if (condition !== undefined && !holds(condition, find(key), values)) return undefined
        keep(key, changed(find(key), change))
        return find(key)
      }),

    remove: (key, condition) =>
      write(key, 0, () => {
        const isAllowed =
          condition === undefined || holds(condition.condition, find(key), condition.values)
        if (isAllowed) memory.get(key.pk)?.delete(key.sk)
      }),
  }
}

function accessOf<Result>(
  kind: 'read' | 'write',
  key: string,
  units: number,
  apply: () => Result,
): Access<Result> {
  return { kind, key, units, isOwn: OWN.test(key), apply }
}

/** About what DynamoDB counts for an item: its names, its texts, and half a byte for each digit. */
export function bytesOf(item: Fields = {}): number {
  let bytes = 0
  for (const [name, value] of Object.entries(item)) {
    bytes += name.length
    if (typeof value === 'string') bytes += Buffer.byteLength(value)
    else if (typeof value === 'number') bytes += 1 + Math.ceil(String(value).length / 2)
    else if (value !== undefined) bytes += 1
  }
  return bytes
}

function defined(fields: Fields): Item {
  const item: Record<string, Item[string]> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) item[name] = value
  return item
}
