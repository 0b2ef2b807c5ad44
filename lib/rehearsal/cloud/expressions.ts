/**
 * DynamoDB's expressions over items in memory: as much of them as lib/store writes. Anything else is
 * an error, so that no rehearsal goes on with a condition that it did not understand.
 */
import type { Change, Fields, Item } from '../../store/dynamodb/items.ts'

type Value = Item[string] | undefined

/** Does a condition hold for an item, or for none? */
export function holds(condition: string, item: Item | undefined, values: Fields = {}): boolean {
  const read = createReader(condition, item ?? {}, values)
  const outcome = read.either()
  read.end()
  return outcome
}

/** The fields of an item, or of none, after the clauses of a change; its condition is not looked at. */
export function changed(item: Item | undefined, change: Change): Item {
  const { set = [], add = [], remove = [], values = {} } = change
  const before = item ?? {}
  const after: Record<string, Item[string]> = { ...before }
  for (const clause of set) {
    const [, name = '', source = ''] = /^(\w+) = (.+)$/.exec(clause) ?? []
    const read = createReader(source, before, values)
    const value = read.value()
    read.end()
    if (name === '' || value === undefined) throw unknown(clause)
    after[name] = value
  }
  for (const clause of add) {
    const [, name = '', source = ''] = /^(\w+) :(\w+)$/.exec(clause) ?? []
    const [sum, more] = [before[name] ?? 0, values[source]]
    if (typeof sum !== 'number' || typeof more !== 'number') throw unknown(clause)
    after[name] = sum + more
  }
  for (const name of remove) delete after[name]
  return after
}

/** Reads an expression from left to right; AND binds closer than OR. */
function createReader(text: string, item: Item, values: Fields) {
  const tokens = text.match(/[():,]|>=|<=|<>|[<>=]|\w+|\S/g) ?? []
  let at = 0
  const take = (token: string) => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const must = (token: string) => {
    if (!take(token)) throw unknown(text)
  }
  const word = () => {
    const token = tokens[at++] ?? ''
    if (!/^\w+$/.test(token)) throw unknown(text)
    return token
  }

  const reader = {
    either(): boolean {
      let outcome = reader.all()
      while (take('OR')) outcome = reader.all() || outcome
      return outcome
    },
    all(): boolean {
      let outcome = reader.one()
      while (take('AND')) outcome = reader.one() && outcome
      return outcome
    },
    one(): boolean {
      if (take('(')) {
        const outcome = reader.either()
        must(')')
        return outcome
      }
      if (take('attribute_exists')) return reader.named() !== undefined
      if (take('attribute_not_exists')) return reader.named() === undefined
      const left = reader.value()
      const comparison = tokens[at++]
      return compare(text, left, comparison, reader.value())
    },
    named(): Value {
      must('(')
      const value = item[word()]
      must(')')
      return value
    },
    value(): Value {
      if (take(':')) return values[word()]
      if (!take('if_not_exists')) return item[word()]
      must('(')
      const value = item[word()]
      must(',')
      const fallback = reader.value()
      must(')')
      return value ?? fallback
    },
    end(): void {
      if (at < tokens.length) throw unknown(text)
    },
  }
  return reader
}

/** What is not there, or of another type, compares false. */
function compare(text: string, left: Value, comparison: string | undefined, right: Value): boolean {
  if (left === undefined || right === undefined || typeof left !== typeof right) return false
  switch (comparison) {
    case '=':
      return left === right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '<':
      return left < right
    default:
      throw unknown(text)
  }
}

function unknown(expression: string): Error {
  return new Error(`the rehearsal does not know this expression: ${expression}`)
}
