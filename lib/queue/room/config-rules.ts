/** What fields of a configuration must be together, and which times must be in the future. */
import { complaintAbout, complaintAboutCount } from '../complaint.ts'
import { AntichambreError } from '../errors.ts'
import { GROUP_SHARE_PERCENT, SCHEDULE_AGE_MS_MAX } from '../limits.ts'
import { type RoomConfig, timeMs } from './config.ts'

/**
 * Returns the configuration if nothing is wrong with it.
 * @param given the fields that came now: only these are compared with the time.
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
  return [
    ...outOfOrder(config, 'opensAt', 'not before', 'doorsAt'),
    ...outOfOrder(config, 'closesAt', 'later than', 'opensAt'),
    ...(config.opensAt === null ? outOfOrder(config, 'closesAt', 'later than', 'doorsAt') : []),
  ]
}

function outOfOrder(
  config: RoomConfig,
  name: 'opensAt' | 'closesAt',
  relation: 'not before' | 'later than',
  earlier: 'doorsAt' | 'opensAt',
): string[] {
  const atMs = timeMs(config[name])
  const earlierMs = timeMs(config[earlier])
  if (atMs === null || earlierMs === null) return []
  if (relation === 'not before' ? atMs >= earlierMs : atMs > earlierMs) return []
  return [`${name}: ${complaintAbout(config[name], `${relation} ${earlier} (${config[earlier]})`)}`]
}

function closedBefore(config: RoomConfig, nowMs: number): string[] {
  const closesAtMs = timeMs(config.closesAt)
  if (closesAtMs === null || closesAtMs > nowMs) return []
  return [`closesAt: ${complaintAbout(config.closesAt, 'a time to come')}; \`end\` ends a sale now`]
}

function planComplaints({ ratePlan }: RoomConfig, nowMs: number): string[] {
  return ratePlan.flatMap(({ at }, index) => {
    const previous = ratePlan[index - 1]?.at
    const name = `ratePlan.${index}.at`
    if (previous !== undefined && Date.parse(at) <= Date.parse(previous)) {
      return [`${name}: ${complaintAbout(at, `later than the entry before it (${previous})`)}`]
    }
    if (Date.parse(at) >= nowMs - SCHEDULE_AGE_MS_MAX) return []
    return [`${name}: ${complaintAbout(at, 'a time that is not more than a day past')}`]
  })
}

/** After the closing no rate is in force: one that is planned there means that a time is wrong. */
function plannedAfterClosing({ ratePlan, closesAt }: RoomConfig): string[] {
  const closesAtMs = timeMs(closesAt)
  if (closesAtMs === null) return []
  return ratePlan.flatMap(({ at }, index) =>
    Date.parse(at) < closesAtMs
      ? []
      : [`ratePlan.${index}.at: ${complaintAbout(at, `before closesAt (${closesAt})`)}`],
  )
}

function groupComplaints({ groups }: RoomConfig): string[] {
  const names = groups.map(({ name }) => name)
  const complaints = names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`groups.${index}.name: ${name} came twice`],
  )
  const percent = groups.reduce((sum, { sharePercent }) => sum + sharePercent, 0)
  if (percent <= GROUP_SHARE_PERCENT.max) return complaints
  const came = `shares of ${percent} percent`
  const allowed = `together at most ${GROUP_SHARE_PERCENT.max}`
  return [...complaints, `groups: ${complaintAboutCount(came, allowed)}`]
}

function toldTooEarly({ stockLeftAt }: RoomConfig, nowMs: number): string[] {
  const toldAtMs = timeMs(stockLeftAt)
  if (toldAtMs === null || toldAtMs <= nowMs) return []
  return [`stockLeftAt: ${complaintAbout(stockLeftAt, 'no time to come')}`]
}

function stockComplaints({ stock, stockLeft }: RoomConfig): string[] {
  if (stockLeft === null) return []
  if (stock === null) return [`stockLeft: ${stockLeft} came without a stock, null is allowed`]
  if (stockLeft <= stock) return []
  return [`stockLeft: ${complaintAbout(stockLeft, `at most the stock (${stock})`)}`]
}

function originComplaints({ showroomUrl, allowedOrigins }: RoomConfig): string[] {
  if (allowedOrigins.includes(new URL(showroomUrl).origin)) return []
  return ["allowedOrigins: the showroom's own origin is missing"]
}
