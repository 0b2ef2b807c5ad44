/** What the fields of a configuration must be to each other, and to the time. */
import { AntichambreError } from '../errors.ts'
import { GROUP_SHARE_PERCENT, SCHEDULE_AGE_MS_MAX } from '../limits.ts'
import { type RoomConfig, timeMs } from './config.ts'

/**
 * The configuration itself, when it stands.
 * @param given the fields that came now: only they can be too late.
 * @throws AntichambreError `bad-request`, naming every field that is wrong.
 */
export function checkedTogether(
  config: RoomConfig,
  given: Partial<Record<keyof RoomConfig, unknown>>,
  nowMs: number,
): RoomConfig {
  const isClosingGiven = given.closesAt != null
  const isPlanGiven = given.ratePlan !== undefined
  const complaints = [
    ...timesOutOfOrder(config),
    ...(isClosingGiven ? closedBefore(config, nowMs) : []),
    ...(isPlanGiven ? planComplaints(config, nowMs) : []),
    ...(isPlanGiven || isClosingGiven ? plannedAfterClosing(config) : []),
    ...groupComplaints(config),
    ...(given.stockLeftAt == null ? [] : toldTooEarly(config, nowMs)),
    ...stockComplaints(config),
    ...originComplaints(config),
  ]
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
  return config
}

function timesOutOfOrder(config: RoomConfig): string[] {
  const complaints: string[] = []
  const before = (
    earlier: 'doorsAt' | 'opensAt',
    later: 'opensAt' | 'closesAt',
    strictly: boolean,
  ) => {
    const a = timeMs(config[earlier])
    const b = timeMs(config[later])
    if (a === null || b === null || a < b || (a === b && !strictly)) return
    const relation = strictly ? 'later than' : 'not before'
    complaints.push(
      `${later}: ${config[later]} came, ${relation} ${earlier} (${config[earlier]}) is allowed`,
    )
  }
  before('doorsAt', 'opensAt', false)
  before('opensAt', 'closesAt', true)
  if (config.opensAt === null) before('doorsAt', 'closesAt', true)
  return complaints
}

function closedBefore(config: RoomConfig, nowMs: number): string[] {
  const closesAtMs = timeMs(config.closesAt)
  if (closesAtMs === null || closesAtMs > nowMs) return []
  return [`closesAt: ${config.closesAt} came, a time to come is allowed; \`end\` ends a sale now`]
}

function planComplaints({ ratePlan }: RoomConfig, nowMs: number): string[] {
  return ratePlan.flatMap(({ at }, index) => {
    const previous = ratePlan[index - 1]?.at
    const name = `ratePlan.${index}.at`
    if (previous !== undefined && Date.parse(at) <= Date.parse(previous)) {
      return [`${name}: ${at} came, later than the entry before it (${previous}) is allowed`]
    }
    if (Date.parse(at) >= nowMs - SCHEDULE_AGE_MS_MAX) return []
    return [`${name}: ${at} came, a time that is not more than a day past is allowed`]
  })
}

/** From the closing on no rate is in force: whoever plans one has mistaken one of the two. */
function plannedAfterClosing({ ratePlan, closesAt }: RoomConfig): string[] {
  const closesAtMs = timeMs(closesAt)
  if (closesAtMs === null) return []
  return ratePlan.flatMap(({ at }, index) =>
    Date.parse(at) < closesAtMs
      ? []
      : [`ratePlan.${index}.at: ${at} came, before closesAt (${closesAt}) is allowed`],
  )
}

function groupComplaints({ groups }: RoomConfig): string[] {
  const names = groups.map(({ name }) => name)
  const complaints = names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`groups.${index}.name: ${name} came twice`],
  )
  const percent = groups.reduce((sum, { sharePercent }) => sum + sharePercent, 0)
  if (percent <= GROUP_SHARE_PERCENT.max) return complaints
  const all = `groups: shares of ${percent} percent came, together at most`
  return [...complaints, `${all} ${GROUP_SHARE_PERCENT.max} are allowed`]
}

function toldTooEarly({ stockLeftAt }: RoomConfig, nowMs: number): string[] {
  const toldAtMs = timeMs(stockLeftAt)
  if (toldAtMs === null || toldAtMs <= nowMs) return []
  return [`stockLeftAt: ${stockLeftAt} came, no time to come is allowed`]
}

function stockComplaints({ stock, stockLeft }: RoomConfig): string[] {
  if (stockLeft === null) return []
  if (stock === null) return [`stockLeft: ${stockLeft} came without a stock, null is allowed`]
  if (stockLeft <= stock) return []
  return [`stockLeft: ${stockLeft} came, at most the stock (${stock}) is allowed`]
}

function originComplaints({ showroomUrl, allowedOrigins }: RoomConfig): string[] {
  if (allowedOrigins.includes(new URL(showroomUrl).origin)) return []
  return ["allowedOrigins: the showroom's own origin is missing"]
}
