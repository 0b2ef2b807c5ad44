/**
 * Does a function's file keep to the words of CloudFront's JavaScript runtime 2.0? ES 5.1 and what
 * AWS's page "JavaScript runtime 2.0 features for CloudFront Functions" lists of later years: const,
 * let, arrow functions, rest parameters, template literals, `**`, async functions at the top.
 */
import { parseAst } from 'vitest/node'

/** A node of the tree (ESTree), with whatever fields its type has. */
interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

const KNOWN = new Set([
  ...['Program', 'ImportDeclaration', 'ImportDefaultSpecifier', 'EmptyStatement', 'BlockStatement'],
  ...['ExpressionStatement', 'VariableDeclaration', 'VariableDeclarator', 'FunctionDeclaration'],
  ...['IfStatement', 'ForStatement', 'ForInStatement', 'WhileStatement', 'DoWhileStatement'],
  ...[
    'ReturnStatement',
    'BreakStatement',
    'ContinueStatement',
    'LabeledStatement',
    'ThrowStatement',
  ],
  ...['SwitchStatement', 'SwitchCase', 'TryStatement', 'CatchClause', 'Identifier', 'Literal'],
  ...[
    'FunctionExpression',
    'ArrowFunctionExpression',
    'RestElement',
    'ObjectExpression',
    'Property',
  ],
  ...['ArrayExpression', 'MemberExpression', 'CallExpression', 'NewExpression', 'UnaryExpression'],
  ...['UpdateExpression', 'BinaryExpression', 'LogicalExpression', 'AssignmentExpression'],
  ...['ConditionalExpression', 'SequenceExpression', 'ThisExpression', 'AwaitExpression'],
  ...['TemplateLiteral', 'TemplateElement', 'ParenthesizedExpression', 'ChainExpression'],
])

/** What in a file the runtime does not know; nothing, if it knows all. */
export function unknownWords(source: string): string[] {
  const found: string[] = []
  walk(parseAst(source) as unknown as Node, [], (node, ancestors) => {
    const complaint = complaintOf(node, ancestors)
    if (complaint !== undefined) found.push(complaint)
  })
  return found
}

function complaintOf(node: Node, ancestors: readonly Node[]): string | undefined {
  const { type } = node
  const parent = ancestors.at(-1)
  if (!KNOWN.has(type)) return type
  switch (type) {
    case 'ImportDeclaration':
      return (node.source as Node).value === 'cloudfront' ? undefined : 'an import'
    case 'ChainExpression':
      return 'an optional chain'
    case 'LogicalExpression':
      return node.operator === '??' ? 'a nullish operator' : undefined
    case 'AssignmentExpression':
      return /^(?:\?\?|\|\||&&)=$/.test(String(node.operator)) ? 'a logical assignment' : undefined
    case 'Property':
      return node.shorthand || node.computed || node.method ? 'a property of ES 6' : undefined
    case 'CatchClause':
      return node.param === null ? 'a catch without a name' : undefined
    case 'RestElement':
      return isFunction(parent) ? undefined : 'a rest that is no parameter'
    case 'TemplateLiteral':
      return parent?.type === 'TaggedTemplateExpression' ? 'a tagged template' : undefined
    case 'Literal':
      return 'bigint' in node ? 'a bigint' : patternComplaint(node.regex)
    case 'AwaitExpression':
      return ancestors.findLast(isFunction)?.async ? undefined : 'an await at the top'
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.generator) return 'a generator'
      return node.async && (type !== 'FunctionDeclaration' || parent?.type !== 'Program')
        ? 'an async closure'
        : undefined
    default:
      return undefined
  }
}

/** Patterns are Perl's there: `$` alone lets a line break through, and `[^]` is nothing. */
function patternComplaint(regex: unknown): string | undefined {
  if (regex === undefined || regex === null) return undefined
  const { pattern, flags } = regex as { pattern: string; flags: string }
  if (/[^gim]/.test(flags)) return `a pattern with the flags ${flags}`
  if (/\(\?<[=!]|\\p\{|\\u\{|\[\^?\]|\\[dDsSwWbB](?<!\\[sS])/.test(pattern))
    return `the pattern ${pattern}`
  const outsideOfClasses = pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '')
  return /\$(?!\(\?!\))/.test(outsideOfClasses) ? `a pattern with $ alone: ${pattern}` : undefined
}

function isFunction(node: Node | undefined): boolean {
  return node !== undefined && /Function/.test(node.type)
}

function walk(
  node: Node,
  ancestors: readonly Node[],
  visit: (node: Node, ancestors: readonly Node[]) => void,
): void {
  visit(node, ancestors)
  const below = [...ancestors, node]
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, below, visit)
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
