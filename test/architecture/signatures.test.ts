/** Few parameters in a row, and no bare yes or no among them: a call says what it gives. */
import { parseSync, Visitor } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { filesIn, isModule, read } from './source.ts'

const PARAMETERS_MAX = 4

const files = ['lib', 'functions', 'bin', 'bench'].flatMap(filesIn).filter(isModule)

describe('functions', () => {
  it(`take ${PARAMETERS_MAX} positional parameters at most, and no boolean among them`, () => {
    const wrong = files.flatMap(path => complaintsOf(path, read(path)))
    expect(wrong).toEqual([])
  })

  it.each([
    ['function f(a: 1, b: 2, c: 3, d: 4) {}', 0],
    ['function f(a: 1, b: 2, c: 3, d: 4, e: 5) {}', 1],
    ['const f = (a: 1, b: 2, c: 3, d: 4, e: 5) => a', 1],
    ['class A { f(a: 1, b: 2, c: 3, d: 4, e: 5) {} }', 1],
    ['interface A { f(a: 1, b: 2, c: 3, d: 4, e: 5): void }', 1],
    ['type F = (a: 1, b: 2, c: 3, d: 4, e: 5) => void', 1],
    ['function f(a: boolean) {}', 1],
    ['function f(a?: boolean) {}', 1],
    ['function f(a: boolean | undefined) {}', 1],
    ['function f(a = false) {}', 1],
    ['class A { constructor(private readonly a: boolean) {} }', 1],
    ['function f({ a }: { a: boolean }): boolean { return a }', 0],
    ['function f(a: A, ...rest: string[]) {}', 0],
  ])('are read: %s', (text, count) => {
    expect(complaintsOf('x.ts', text)).toHaveLength(count)
  })
})

interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

function complaintsOf(path: string, text: string): string[] {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const found: string[] = []
  const look = (node: unknown) => {
    const { params, start } = node as Node & { readonly params: readonly Node[] }
    const line = text.slice(0, start).split('\n').length
    if (params.length > PARAMETERS_MAX) found.push(`${path}:${line}: ${params.length} parameters`)
    if (params.some(isBoolean)) found.push(`${path}:${line}: a boolean parameter`)
  }
  new Visitor({
    FunctionDeclaration: look,
    FunctionExpression: look,
    ArrowFunctionExpression: look,
    TSDeclareFunction: look,
    TSEmptyBodyFunctionExpression: look,
    TSMethodSignature: look,
    TSFunctionType: look,
  }).visit(program)
  return found
}

function isBoolean(parameter: Node): boolean {
  if (parameter.type === 'TSParameterProperty') return isBoolean(parameter.parameter as Node)
  if (parameter.type === 'AssignmentPattern') {
    const { left, right } = parameter as unknown as { left: Node; right: Node }
    return isBoolean(left) || (right.type === 'Literal' && typeof right.value === 'boolean')
  }
  const annotation = parameter.typeAnnotation as { typeAnnotation: Node } | null | undefined
  return annotation?.typeAnnotation !== undefined && isBooleanType(annotation.typeAnnotation)
}

function isBooleanType(type: Node): boolean {
  if (type.type === 'TSBooleanKeyword') return true
  return type.type === 'TSUnionType' && (type.types as readonly Node[]).some(isBooleanType)
}
