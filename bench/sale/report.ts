/** The figures of a run as a table, with what was to be reached. */
import type { GateFigures } from '../gate/gate.ts'
import { gateTable, gateTargets } from '../gate/gate-table.ts'
import { atLeast, atMost, type Target, targetLines } from '../shared/target.ts'
import type { Compared } from './rounds.ts'
import type { SaleFigures } from './sale.ts'

export interface Run {
  readonly visitors: number
  readonly turns: number
  readonly seconds: number
  readonly sale: SaleFigures
  readonly gate: GateFigures
}

/** What is to be reached; ratios are to bare Hono in the same run. */
const TARGETS = {
  joinRatio: 0.5,
  readRatio: 0.8,
  writesGathering: 0.1,
  writesSpike: 0.25,
  writesTrickle: 1,
  writesTurn: 2,
  ghostsSpike: 0.03,
  memoryMegabytes: 512,
}
/** Above this share of its time the client may be what was measured. */
const CLIENT_BUSY_MAX = 0.9

export function report(run: Run): { text: string; rows: readonly Target[] } {
  const { sale, gate } = run
  const rows = targets(run)
  const parts: [string, Compared][] = [
    ['joins, gathering', sale.gathering],
    ['joins, live spike', sale.spike],
    [`status, ${sale.status.bytes} B`, sale.status],
    [`record, ${sale.record.bytes} B`, sale.record],
    ['turns taken', sale.turns],
  ]
  const lines = [
    '',
    `${run.visitors} visitors, ${run.turns} turns, ${run.seconds.toFixed(0)} s in all`,
    '',
    comparedTable(parts),
    '',
    `database writes a join     gathering ${sale.gathering.writes.perJoin.toFixed(3)}   ` +
      `live spike ${sale.spike.writes.perJoin.toFixed(3)}   ` +
      sale.trickles
        .map(one => `one each ${one.everyMs / 1000} s ${one.writes.perJoin.toFixed(2)}`)
        .join('   '),
    `database writes a turn     ${sale.turns.writesPerTurn.toFixed(2)}`,
    `ghosts                     gathering ${percent(sale.gathering.ghostsShare)}   ` +
      `live spike ${percent(sale.spike.ghostsShare)}   one by one ${ghostsOneByOne(sale)}`,
    `memory of the server, MB   ${sale.memory
      .map(({ visitors, megabytes }) => `${visitors}: ${megabytes.toFixed(0)}   `)
      .join('')}at most ${sale.memoryMostMegabytes.toFixed(0)}`,
    ...gateTable(gate),
    `the whole result           ${run.visitors} tickets in ${sale.cohorts} cohorts: ${
      sale.broken.length === 0
        ? 'none twice, none lost, places in order'
        : `BROKEN\n  ${sale.broken.join('\n  ')}`
    }`,
    '',
    ...targetLines(rows),
    ...parts
      .filter(([, one]) => Math.max(one.room.clientBusy, one.bare.clientBusy) > CLIENT_BUSY_MAX)
      .map(([name]) => `note    ${name}: the client was busy all the time and may be the limit`),
  ]
  return { text: lines.join('\n'), rows }
}

function targets({ sale, gate }: Run): Target[] {
  return [
    atLeast('joins, gathering, to bare POST', sale.gathering.ratio, TARGETS.joinRatio),
    atLeast('joins, live spike, to bare POST', sale.spike.ratio, TARGETS.joinRatio),
    atLeast('status reads to bare GET', sale.status.ratio, TARGETS.readRatio),
    atMost('writes a join, gathering', sale.gathering.writes.perJoin, TARGETS.writesGathering),
    atMost('writes a join, live spike', sale.spike.writes.perJoin, TARGETS.writesSpike),
    ...sale.trickles.map(({ everyMs, writes }) =>
      atMost(`writes a join, one each ${everyMs / 1000} s`, writes.perJoin, TARGETS.writesTrickle),
    ),
    atMost('writes a turn', sale.turns.writesPerTurn, TARGETS.writesTurn),
    atMost('ghosts, live spike', sale.spike.ghostsShare, TARGETS.ghostsSpike),
    atMost('ghosts, one by one', ghostsOneByOne(sale), 0),
    atMost('memory of the server, MB', sale.memoryMostMegabytes, TARGETS.memoryMegabytes),
    ...gateTargets(gate),
  ]
}

function comparedTable(parts: readonly [string, Compared][]): string {
  const head = ['', 'room/s', 'bare/s', 'ratio', 'p50 ms', 'p99 ms', 'bare p50', 'bare p99']
  const more = ['server us', 'bare us', 'client busy']
  const rows = parts.map(([name, { room, bare, ratio }]) => [
    name,
    room.perSecond.toFixed(0),
    bare.perSecond.toFixed(0),
    ratio.toFixed(2),
    room.p50Ms.toFixed(1),
    room.p99Ms.toFixed(1),
    bare.p50Ms.toFixed(1),
    bare.p99Ms.toFixed(1),
    room.serverMicroseconds.toFixed(0),
    bare.serverMicroseconds.toFixed(0),
    percent(room.clientBusy),
  ])
  const all = [[...head, ...more], ...rows]
  return all
    .map(([name = '', ...cells]) => name.padEnd(20) + cells.map(cell => cell.padStart(12)).join(''))
    .join('\n')
}

function ghostsOneByOne({ trickles }: SaleFigures): number {
  return trickles.reduce((sum, one) => sum + one.ghosts, 0)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}
