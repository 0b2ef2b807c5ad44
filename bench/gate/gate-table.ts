/** The gate's figures as a table, and what was to be reached. */
import { EDGE_BYTES_MAX } from '../../lib/gate/edge/function-source.ts'
import { atLeast, atMost, type Target, targetLines } from '../shared/target.ts'
import type { GateFigures, RulesFigures } from './gate.ts'
import { KINDS } from './gate-sides.ts'
import type { Microseconds } from './side.ts'

const LABEL = 34
const MICROSECONDS_MAX = 20
const TIMES_MIN = 5
/** More rules may not allocate more: what V8 itself allocates beside them differs by this share. */
const ALLOCATED_TOLERANCE = 0.05

export function gateText(figures: GateFigures): string {
  return [...gateTable(figures), '', ...targetLines(gateTargets(figures))].join('\n')
}

export function gateTable({ byRules, njs }: GateFigures): string[] {
  const { rules, decisions } = byRules.some
  const { node, edge, hashes, connector, connectorAlone } = decisions
  return [
    `one decision with ${rules} rules, us      session   to the room   with a pass`,
    row('in Node', node),
    row('the edge’s file, in Node', edge),
    row('  the hashes it has to make, alone', hashes),
    ...(njs === undefined ? ['  in njs: not installed here'] : [row('  in njs', njs)]),
    row('Queue-it’s connector', connector),
    row('  without a rule to match', connectorAlone),
    '',
    'the connector validating its token, times the edge’s file',
    `${' '.repeat(LABEL)}with a session   with a pass   the edge allocates, bytes`,
    ...Object.values(byRules).map(rulesRow),
    timesRow('without a rule to match', connectorAlone, edge),
  ]
}

export function gateTargets({ byRules }: GateFigures): Target[] {
  const { few, some, many } = byRules
  const { node, edge, connector } = some.decisions
  const names = { session: 'with a session', toRoom: 'away to the room', enter: 'with a pass' }
  const token = `the connector validating its token, times the edge’s file`
  return [
    ...KINDS.map(kind => atMost(`gate in Node, us, ${names[kind]}`, node[kind], MICROSECONDS_MAX)),
    atLeast(`${token} ${names.session}`, connector.enter / edge.session, TIMES_MIN),
    atLeast(`${token} ${names.enter}`, connector.enter / edge.enter, TIMES_MIN),
    atMost('the edge’s file with one rule, bytes', few.edgeBytes, EDGE_BYTES_MAX),
    atMost(
      'many rules allocate, times one',
      many.edgeAllocated / few.edgeAllocated,
      1 + ALLOCATED_TOLERANCE,
    ),
  ]
}

function row(name: string, figures: Microseconds): string {
  return name.padEnd(LABEL) + KINDS.map(kind => figures[kind].toFixed(1).padStart(14)).join('')
}

function rulesRow({ rules, decisions, edgeAllocated }: RulesFigures): string {
  const { connector, edge } = decisions
  const name = `${rules} rule${rules === 1 ? '' : 's'}`
  return timesRow(name, connector, edge) + edgeAllocated.toFixed(0).padStart(14)
}

function timesRow(name: string, theirs: Microseconds, edge: Microseconds): string {
  const times = [theirs.enter / edge.session, theirs.enter / edge.enter]
  return name.padEnd(LABEL) + times.map(one => one.toFixed(1).padStart(14)).join('')
}
