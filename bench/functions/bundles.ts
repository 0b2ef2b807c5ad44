/** The stack, built as `npm run synth` builds it but for one alarm, so that every function is in it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { antichambreStack } from '../../lib/constructs/stack.ts'

/** What is read of a template. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>
}

export interface TemplateResource {
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever JSON it is
  readonly Properties: any
  readonly Metadata?: { readonly 'aws:cdk:path'?: string; readonly 'aws:asset:path'?: string }
}

export const STACK = 'Antichambre'
/** The room of the alarm, and the alarm. */
export const WATCHED_ROOM = 'cars'
export const ALARM_ARN = 'arn:aws:cloudwatch:eu-west-3:111122223333:alarm:ShopIsSlow'

/** Writes the template and every asset. Throws when one of the stack's checks is broken. */
export function synthesiseInto(folder: string): Template {
  const cdkJson = readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')
  const { context } = JSON.parse(cdkJson) as { context: Record<string, unknown> }
  const app = new App({
    outdir: folder,
    context: {
      ...context,
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
    },
  })
  antichambreStack(app, stack => ({
    healthAlarms: { [WATCHED_ROOM]: Alarm.fromAlarmArn(stack, 'ShopIsSlow', ALARM_ARN) },
  }))
  return app.synth().getStackByName(STACK).template as Template
}

export interface Bundle {
  /** `Visitor`, as in the stack. */
  readonly name: string
  readonly file: string
}

/** The bundles of the room's own functions; CDK has others, which run during a deployment. */
export function bundlesOf(template: Template, folder: string): Bundle[] {
  return Object.values(template.Resources).flatMap(({ Type, Metadata }) => {
    const place = Metadata?.['aws:cdk:path'] ?? ''
    const name = /\/(?:Functions|HealthAlarms)\/(\w+)\/Resource$/.exec(place)?.[1]
    const asset = Metadata?.['aws:asset:path']
    if (Type !== 'AWS::Lambda::Function' || name === undefined || asset === undefined) return []
    return [{ name, file: join(folder, asset, 'index.mjs') }]
  })
}
