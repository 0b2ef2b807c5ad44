/** Instances that stand ready for a time, so that nobody of the first rush meets a cold start. */
import { Annotations } from 'aws-cdk-lib'
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling'
import {
  Alias,
  type IFunction,
  type IVersion,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { refuse, requireInstant, requireWhole } from '../props/refuse.ts'

export interface WarmWindow {
  /** How many of the visitors' function stand ready: 1 to 3000, and within the account's quota. */
  readonly instances: number
  /** From when on, with its zone. They need some minutes to start: ten before the doors are early enough. */
  readonly from: string
  /**
   * Until when: at most a week later, for each of them is paid all the time. A window that is over is a
   * warning, not an error, so that an app may keep the window of its last sale.
   */
  readonly until: string
}

const INSTANCES = { min: 1, max: 3_000 }
const WEEK_MS = 7 * 86_400_000

/** @throws Error for a window that cannot be; one that is over is warned of. */
export function checkWarmWindow(scope: Construct, { instances, from, until }: WarmWindow): void {
  requireWhole('provisionedConcurrency.instances', instances, INSTANCES)
  const fromMs = requireInstant('provisionedConcurrency.from', from)
  const untilMs = requireInstant('provisionedConcurrency.until', until)
  if (untilMs <= fromMs || untilMs - fromMs > WEEK_MS) {
    refuse('provisionedConcurrency.until', until, `a time later than ${from}, by a week at most,`)
  }
  if (Date.now() < untilMs) return
  Annotations.of(scope).addWarningV2(
    'antichambre:warmWindowOver',
    `provisionedConcurrency: the window was over at ${until}, so no instances will stand ready`,
  )
}

/**
 * Visitors enter the function by an alias, because instances can stand ready for a published version only.
 * Before and after the window none stands ready, and nothing is paid.
 */
export function withWarmWindow(target: LambdaFunction, window: WarmWindow): IFunction {
  const { instances, from, until } = window
  // CDK's declarations are not made for exact optional properties: a Version is an IVersion.
  const version = target.currentVersion as IVersion
  const alias = new Alias(target, 'Warm', { aliasName: 'warm', version })
  const ready = alias.addAutoScaling({ minCapacity: 0, maxCapacity: instances })
  ready.scaleOnSchedule('Open', {
    schedule: Schedule.at(new Date(from)),
    minCapacity: instances,
    maxCapacity: instances,
  })
  ready.scaleOnSchedule('Close', {
    schedule: Schedule.at(new Date(until)),
    minCapacity: 0,
    maxCapacity: 0,
  })
  return alias as IFunction
}
