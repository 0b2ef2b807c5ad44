/** From a ticket to a place: the page reads its cohort's record and computes it. */
import type { CohortRecord } from '../../queue/cohort/place.ts'
import type { Laws } from '../measures/laws.ts'
import type { Pages } from './pages.ts'
import { STEP } from './people.ts'
import type { Walk } from './walk.ts'
import { drawAll, type WholeDraw } from './whole-draw.ts'

export interface RecordsDeps {
  readonly walk: Walk
  readonly pages: Pages
  readonly ledger: Laws
}

export function createRecords({ walk, pages, ledger }: RecordsDeps) {
  const { people } = walk
  const draws = new Map<number, WholeDraw>()
  const drawOf = (record: CohortRecord): WholeDraw => {
    const draw = draws.get(record.cohort) ?? drawAll(record)
    draws.set(record.cohort, draw)
    return draw
  }

  return {
    read(visitor: number) {
      walk.ask(visitor)
      if (walk.luck(visitor) === 'unsent') return walk.fail(visitor, STEP.look)
      walk.cdn().record(visitor, people.cohort[visitor] ?? 0)
    },
    afterRecord(visitor: number, record: CohortRecord | undefined) {
      if (record === undefined) return walk.fail(visitor, STEP.record)
      people.failures[visitor] = 0
      const [shard, index] = [people.shard[visitor] ?? 0, people.index[visitor] ?? 0]
      const place = drawOf(record).placeOf(shard, index)
      people.place[visitor] = place
      ledger.placed(record, shard, index, place)
      // The page has the status that told of the close, and plans from there.
      pages.goOn(visitor)
    },
  }
}
