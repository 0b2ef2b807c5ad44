/** The variables by which the deployed functions learn what to talk to. */
export const ENVIRONMENT = {
  table: 'TABLE_NAME',
  ticksQueue: 'TICKS_QUEUE_URL',
  departuresQueue: 'DEPARTURES_QUEUE_URL',
  masterSecret: 'MASTER_SECRET_ARN',
  healthAlarms: 'HEALTH_ALARMS',
  edgeStore: 'EDGE_STORE_ARN',
} as const

/** Reads a variable. @throws Error that names it when it is missing. */
export function variable(
  environment: Readonly<Record<string, string | undefined>>,
  name: keyof typeof ENVIRONMENT,
): string {
  const value = environment[ENVIRONMENT[name]]
  if (value === undefined || value === '') throw new Error(`${ENVIRONMENT[name]} is not set`)
  return value
}
