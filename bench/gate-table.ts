/** The gate's figures as a table, and what was to be reached. */
import { EDGE_BYTES_MAX } from '../lib/gate/edge/build.ts'
import type { GateFigures, Microseconds } from './gate.ts'
import { KINDS } from './gate-sides.ts'
import { atLeast, atMost, type Target, targetLines } from './target.ts'

const MICROSECONDS_MAX = 20
const TIMES_MIN = 5
/** More rules may not allocate more: what V8 itself allocates beside them differs by this share. */
const ALLOCATED_TOLERANCE = 0.05

export function gateText(figures: GateFigures): string {
  return [...gateTable(figures), '', ...targetLines(gateTargets(figures))].join('\n')
}

export function gateTable({ decisions, njs, edgeAllocated }: GateFigures): string[] {
  const { node, edge, hashes, connector } = decisions
  return [
    `${'one decision, us of processor time'.padEnd(40)}     session   to the room   with a pass`,
    row('in Node', node),
    row('the edge’s file, in Node', edge),
    row('  the hashes that it has to make, alone', hashes),
    ...(njs === undefined ? ['  in njs: not installed here'] : [row('  in njs', njs)]),
    row('@queue-it/connector-javascript', connector),
    row('  times ours in Node', times(node, connector)),
    row('  times the edge’s file', times(edge, connector)),
    `the edge’s file allocates, bytes a session: ${edgeAllocated
      .map(({ rules, bytes }) => `${bytes} with ${rules} rule${rules === 1 ? '' : 's'}`)
      .join(', ')}`,
  ]
}

export function gateTargets({ decisions, edgeBytes, edgeAllocated }: GateFigures): Target[] {
  const { node, edge, connector } = decisions
  const [few, many] = [edgeAllocated[0]?.bytes ?? 0, edgeAllocated.at(-1)?.bytes ?? 0]
  const names = { session: 'with a session', toRoom: 'away to the room', enter: 'with a pass' }
  const token = `the connector validating its token, times the edge’s file`
  return [
    ...KINDS.map(kind => atMost(`gate in Node, us, ${names[kind]}`, node[kind], MICROSECONDS_MAX)),
    atLeast(`${token} ${names.session}`, connector.enter / edge.session, TIMES_MIN),
    atLeast(`${token} ${names.enter}`, connector.enter / edge.enter, TIMES_MIN),
    atMost('the edge’s file, bytes', edgeBytes, EDGE_BYTES_MAX),
    atMost('many rules allocate, times one', many / few, 1 + ALLOCATED_TOLERANCE),
  ]
}

function row(name: string, figures: Microseconds): string {
  return name.padEnd(40) + KINDS.map(kind => figures[kind].toFixed(1).padStart(14)).join('')
}

function times(ours: Microseconds, theirs: Microseconds): Microseconds {
  return {
    session: theirs.session / ours.session,
    toRoom: theirs.toRoom / ours.toRoom,
    enter: theirs.enter / ours.enter,
  }
}
