/**
 * DynamoDB's table in memory. What a request does to the items it does in one moment, as a request
 * to one item does in DynamoDB; how it gets there and back, and what happens to it on the way, is
 * its sender's.
 */
import type { Condition, Fields, Item, Items } from '../../store/dynamodb/items.ts'
import type { Key } from '../../store/table.ts'
import { changed, holds } from './expressions.ts'

/** An item as a read finds it. */
export type Find = (key: Key) => Item | undefined

/** One request on its way to the table. */
export interface TableRequest<Result> {
  readonly kind: 'read' | 'write'
  /** The keys of its partitions. */
  readonly partitions: readonly string[]
  /** Does it read what was written last? */
  readonly isConsistent: boolean
  /** Is it never sent again where the table may have taken it? */
  readonly atMostOnce: boolean
  /** Does it add to counters? */
  readonly isAdding: boolean
  /** What DynamoDB bills, as the table stands now: the bytes of each item or query. */
  bytes(): number[]
  /**
   * Does it, and again where it is sent again.
   * @param find how a read finds items; writes are made to the items as they are.
   */
  apply(find: Find): Result
}

/** How requests get to the table and back. */
export interface Connection {
  send<Result>(request: TableRequest<Result>): Promise<Result>
  /** Told of each change of an item, in the moment of it. */
  wrote?(key: Key, before: Item | undefined, after: Item | undefined): void
}

export interface MemoryTable {
  itemsOver(connection: Connection): Items
  find: Find
  /** Every item of the table. */
  all(): Item[]
}

export function createTable(): MemoryTable {
  const table = new Map<string, Map<string, Item>>()
  const find: Find = ({ pk, sk }) => table.get(pk)?.get(sk)
  const sizes = new WeakMap<Item, number>()
  const sizeOf = (item: Item | undefined) => {
    if (item === undefined) return 0
    const size = sizes.get(item) ?? bytesOf(item)
    sizes.set(item, size)
    return size
  }
  const write = (key: Key, after: Item | undefined) => {
    const partition = table.get(key.pk) ?? new Map<string, Item>()
    table.set(key.pk, partition)
    if (after === undefined) partition.delete(key.sk)
    else partition.set(key.sk, after)
  }
  const isAllowed = (key: Key, condition: Condition | undefined) =>
    condition === undefined || holds(condition.condition, find(key), condition.values)

  return {
    find,
    all: () => [...table.values()].flatMap(partition => [...partition.values()]),
    itemsOver(connection) {
      const keep = (key: Key, after: Item | undefined) => {
        const before = find(key)
        write(key, after)
        connection.wrote?.(key, before, after)
      }
      const read = <Result>(request: ReadRequest<Result>) =>
        connection.send({ kind: 'read', atMostOnce: false, isAdding: false, ...request })
      const change = <Result>(key: Key, request: WriteRequest<Result>) =>
        connection.send({
          kind: 'write',
          partitions: [key.pk],
          isConsistent: true,
          atMostOnce: false,
          isAdding: false,
          bytes: () => [sizeOf(find(key))],
          ...request,
        })

      return {
        get: (key, { consistent: isConsistent = true } = {}) =>
          read({
            partitions: [key.pk],
            isConsistent,
            bytes: () => [sizeOf(find(key))],
            apply: found => found(key),
          }),

        getAll: (keys, { consistent: isConsistent = true } = {}) =>
          read({
            partitions: keys.map(({ pk }) => pk),
            isConsistent,
            bytes: () => keys.map(key => sizeOf(find(key))),
            apply: found => keys.map(found),
          }),

        query(pk, { from = '', limit, backwards = false, consistent: isConsistent = true } = {}) {
          const queried = (found: Find) =>
            [...(table.get(pk)?.keys() ?? [])]
              .filter(sk => sk >= from)
              .sort((a, b) => (a < b === backwards ? 1 : -1))
              .slice(0, limit)
              .map(sk => found({ pk, sk }))
              .filter(item => item !== undefined)
          const bytes = () => [queried(find).reduce((sum, item) => sum + sizeOf(item), 0)]
          return read({ partitions: [pk], isConsistent, bytes, apply: queried })
        },

        put(key, fields, condition) {
          // As in lib/store/dynamodb/client.ts each conditional put leaves a mark, by which one that
          // is sent again knows its own. Here the item itself is the mark.
          let mine: Item | undefined
          return change(key, {
            bytes: () => [Math.max(bytesOf(fields), sizeOf(find(key)))],
            apply() {
              if (mine !== undefined && mine === find(key)) return true
              if (!isAllowed(key, condition)) return false
              mine = { ...key, ...defined(fields) }
              keep(key, mine)
              return true
            },
          })
        },

        update(key, update) {
          const { condition, values = {}, set = [], add = [], atMostOnce = false } = update
          // Only updates that set something leave a mark: a counter is the sum of many.
          const isMarked = condition !== undefined && set.length > 0
          let mine: Item | undefined
          return change(key, {
            atMostOnce,
            isAdding: add.length > 0,
            apply() {
              if (isMarked && mine !== undefined && mine === find(key)) return mine
              if (!isAllowed(key, condition === undefined ? undefined : { condition, values }))
                return undefined
              mine = { ...changed(find(key), update), ...key }
              keep(key, mine)
              return mine
            },
          })
        },

        remove: (key, condition) =>
          change(key, {
            apply() {
              if (find(key) !== undefined && isAllowed(key, condition)) keep(key, undefined)
            },
          }),
      }
    },
  }
}

type ReadRequest<Result> = Omit<TableRequest<Result>, 'kind' | 'atMostOnce' | 'isAdding'>
type WriteRequest<Result> = Pick<TableRequest<Result>, 'apply'> & Partial<TableRequest<Result>>

/** About what DynamoDB counts for an item: its names, its texts, and half a byte for each digit. */
export function bytesOf(item: Fields): number {
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
