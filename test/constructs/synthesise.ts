/** Templates for tests, made in this process. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, vi } from 'vitest'
import { WaitingRoom } from '../../lib/constructs/waiting-room.ts'
import type { WaitingRoomProps } from '../../lib/constructs/waiting-room-props.ts'

export const cdkJson = JSON.parse(
  readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'),
) as { app: string; context: Record<string, unknown>; [name: string]: unknown }

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An app as the CDK CLI would start it, that writes into a directory of its own. */
export function testApp(context: Record<string, unknown> = {}): App {
  const outdir = mkdtempSync(join(tmpdir(), 'antichambre-cdk-'))
  folders.push(outdir)
  return new App({
    outdir,
    context: { ...cdkJson.context, 'aws:cdk:enable-path-metadata': true, ...context },
  })
}

/**
 * The template of the stack `Antichambre`, without the time that bundling and CDK's own checks of
 * the template take: stack.test.ts makes it with both.
 */
export function synthesise(
  props: WaitingRoomProps | ((stack: Stack) => WaitingRoomProps) = {},
): Template {
  const stack = new Stack(testApp({ 'aws:cdk:bundling-stacks': [] }), 'Antichambre')
  new WaitingRoom(stack, 'WaitingRoom', typeof props === 'function' ? props(stack) : props)
  vi.stubEnv('CDK_VALIDATION', 'false')
  try {
    return Template.fromStack(stack)
  } finally {
    vi.unstubAllEnvs()
  }
}

export interface Resource {
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever JSON it is
  readonly Properties: any
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
  readonly DependsOn?: readonly string[]
  readonly Metadata?: { 'aws:cdk:path'?: string }
}

export function resources(template: Template, type?: string): Record<string, Resource> {
  const all = template.toJSON().Resources as Record<string, Resource>
  return Object.fromEntries(
    Object.entries(all).filter(([, resource]) => type === undefined || resource.Type === type),
  )
}

/** Where a resource stands in the stack: `WaitingRoom/Table`. */
export function placeOf(resource: Resource): string {
  const path = resource.Metadata?.['aws:cdk:path'] ?? ''
  return path.replace(/^Antichambre\//, '').replace(/\/(Resource|Default)$/, '')
}

/** The one resource at a place. */
export function at(template: Template, place: string): Resource & { readonly id: string } {
  const found = Object.entries(resources(template)).filter(([, one]) => placeOf(one) === place)
  const [only] = found
  if (only === undefined || found.length > 1) throw new Error(`${found.length} at ${place}`)
  return { id: only[0], ...only[1] }
}
