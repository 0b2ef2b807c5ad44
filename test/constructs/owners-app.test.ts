/** CDK apps of owners: the example, and one that installed this package from a file, each in a process of its own. */
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { edgeStoreKey } from '../../lib/gate/edge/config.ts'
import { NAVIGATION, NOW_MS, options } from '../gate/browser.ts'
import { stored } from '../gate/edge/gate.ts'
import { edgeFunction, viewerRequest } from '../gate/edge/runtime.ts'
import { at, cdkJson, resources } from './synthesise.ts'

const run = promisify(execFile)

/** Runs an app as the CDK command line does, without bundling. @returns the template of its stack. */
async function synthesised(app: string, stack: string, cwd = process.cwd()): Promise<Template> {
  const outdir = mkdtempSync(join(tmpdir(), 'antichambre-owner-'))
  try {
    const context = {
      ...cdkJson.context,
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:bundling-stacks': [],
    }
    await run(process.execPath, ['--import', 'tsx', app], {
      cwd,
      env: {
        ...process.env,
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify(context),
        CDK_VALIDATION: 'false',
      },
    })
    return Template.fromJSON(
      JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')),
    )
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

describe('examples/static-showroom', () => {
  const place = (path: string) => `StaticShowroom/${path}`
  let template: Template
  beforeAll(async () => {
    template = await synthesised('examples/static-showroom/app.ts', 'StaticShowroom')
  })

  test('has the gate in front of its files, and its files behind nothing else', () => {
    const { DistributionConfig } = at(template, place('Showroom')).Properties
    const { DefaultCacheBehavior, CacheBehaviors, DefaultRootObject } = DistributionConfig
    expect(CacheBehaviors).toBeUndefined()
    expect(DefaultRootObject).toBe('index.html')
    expect(DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https')
    expect(
      DefaultCacheBehavior.FunctionAssociations.map((one: { EventType: string }) => one.EventType),
    ).toEqual(['viewer-request', 'viewer-response'])
    const { Statement } = at(template, place('Files/Policy')).Properties.PolicyDocument
    const readers = (Statement as { Effect: string; Action: unknown; Principal: object }[])
      .filter(({ Effect, Action }) => Effect === 'Allow' && Action === 's3:GetObject')
      .map(({ Principal }) => Principal)
    expect(readers).toEqual([{ Service: 'cloudfront.amazonaws.com' }])
  })

  test('shows its front page to everybody, and its cars to those whose turn it is', async () => {
    const domain = 'd111111abcdef8.cloudfront.net'
    const [, parts] = at(template, place('Gate/Request')).Properties.FunctionCode['Fn::Join']
    const source = parts.map((part: unknown) => (typeof part === 'string' ? part : domain)).join('')
    const { handler } = edgeFunction(source)
    const world = {
      nowMs: NOW_MS,
      store: { [edgeStoreKey('cars')]: JSON.stringify(stored(options.keys)) },
    }
    const visit = (path: string) =>
      handler(
        viewerRequest({ method: 'GET', url: `https://x.cloudfront.net${path}`, ...NAVIGATION }),
        world,
      )
    expect(await visit('/')).toHaveProperty('uri', '/')
    const [link = ''] = /(?<=href=")[^"]+/.exec(
      readFileSync('examples/static-showroom/site/index.html', 'utf8'),
    ) ?? ['']
    expect(readdirSync('examples/static-showroom/site/cars')).toContain(link.split('/').at(-1))
    expect(await visit(link)).toMatchObject({
      statusCode: 302,
      headers: { location: { value: expect.stringMatching(`^https://${domain}/r/cars\\?to=`) } },
    })
  })

  test('tells the store and the secret by their names, for the command line', () => {
    const { Outputs } = template.toJSON()
    expect(Object.keys(Outputs).sort()).toEqual([
      'GateStoreArn',
      'MasterSecretArn',
      'ShowroomUrl',
      'Url',
    ])
    expect(Outputs.GateStoreArn.Value).toEqual({
      'Fn::GetAtt': [at(template, place('Gate/Store')).id, 'Arn'],
    })
  })

  test('gives the gate the keys of the room that it deploys', () => {
    const secret = { Ref: at(template, place('WaitingRoom/MasterSecret')).id }
    const { Variables } = at(template, place('Gate/Keys/Function')).Properties.Environment
    expect(Variables.MASTER_SECRET_ARN).toEqual(secret)
  })
})

test('every example that is a CDK app is synthesised by `npm run synth`, and here', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const apps = readdirSync('examples', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .filter(file => /\bnew App\(/.test(readFileSync(join('examples', file), 'utf8')))
  expect(apps).toEqual(['static-showroom/app.ts'])
  for (const app of apps) expect(scripts.synth).toContain(`tsx examples/${app}`)
})

test('an app that installed this package has room and gate, with one copy of CDK', async () => {
  const home = mkdtempSync(join(tmpdir(), 'antichambre-installed-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const modules = join(home, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync('node_modules').filter(one => !one.startsWith('.'))) {
    symlinkSync(resolve('node_modules', name), join(modules, name))
  }
  // what npm packs
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
  for (const file of [...files, 'package.json']) {
    cpSync(file, join(modules, 'antichambre', file), { recursive: true })
  }
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(home, 'app.ts'),
    `import { Gate, WaitingRoom } from 'antichambre'
     import { App, Stack } from 'aws-cdk-lib'
     const stack = new Stack(new App(), 'Shop')
     const waitingRoom = new WaitingRoom(stack, 'Room')
     if (!(waitingRoom.node.root instanceof App)) throw new Error('two copies of CDK')
     new Gate(stack, 'Gate', { waitingRoom, room: 'cars' })`,
  )
  const template = await synthesised('app.ts', 'Shop', home)
  expect(Object.keys(resources(template, 'AWS::CloudFront::KeyValueStore'))).toHaveLength(1)
  expect(Object.keys(resources(template, 'AWS::DynamoDB::GlobalTable'))).toHaveLength(1)
})
