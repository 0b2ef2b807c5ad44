/** CDK apps of owners: the example, and one that installed this package from a file, each in a process of its own. */
import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { edgeStoreKey } from '../../lib/gate/edge/request/edge-config.ts'
import { edgeKeysHandler } from '../../lib/service/edge-keys/handler.ts'
import { browser, NAVIGATION, NOW_MS, options, SHOP } from '../gate/browser.ts'
import { stored } from '../gate/edge/gate.ts'
import { edgeFunction, viewerRequest } from '../gate/edge/runtime.ts'
import { createWorld, MASTER_SECRET } from '../support/world.ts'
import { at, cdkJson, resources } from './synthesise.ts'

const run = promisify(execFile)

const folders: string[] = []
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-owner-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Runs an app as the CDK command line does. @returns the folder that it wrote its templates into. */
async function synthesised(app: string, bundled: readonly string[], cwd?: string): Promise<string> {
  const outdir = newFolder()
  const context = {
    ...cdkJson.context,
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:bundling-stacks': bundled,
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
  return outdir
}

function templateIn(folder: string, stack: string): Template {
  return Template.fromJSON(JSON.parse(readFileSync(join(folder, `${stack}.template.json`), 'utf8')))
}

const WAIT = 'd111111abcdef8.cloudfront.net'

describe('examples/static-showroom', () => {
  const place = (path: string) => `StaticShowroom/${path}`
  let template: Template
  beforeAll(async () => {
    const folder = await synthesised('examples/static-showroom/app.ts', [])
    template = templateIn(folder, 'StaticShowroom')
  })

  /** The function, when the room has this name. */
  function gateSource(domain: string): string {
    const [, parts] = at(template, place('Gate/Request')).Properties.FunctionCode['Fn::Join']
    return parts.map((part: unknown) => (typeof part === 'string' ? part : domain)).join('')
  }

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
    const { handler } = edgeFunction(gateSource(WAIT))
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
      headers: { location: { value: expect.stringMatching(`^https://${WAIT}/r/cars\\?to=`) } },
    })
  })

  test('lets a visitor in whom the real room sends back, with keys that the deployment put', async () => {
    const world = await createWorld(NOW_MS)
    const room = { showroomUrl: `${SHOP}/cars/index.html`, mode: 'off' }
    expect((await world.operator('PUT', '/cars', room)).status).toBe(201)
    await world.run('cars', 1)
    const values = new Map<string, string>()
    const put = edgeKeysHandler({
      readSecret: async () => ({ text: MASTER_SECRET, id: 'v', sinceMs: world.now() }),
      store: {
        read: async name => ({ text: values.get(name), version: '1' }),
        write: async (name, value = '') => {
          values.set(name, value)
          return 'written'
        },
      },
      storeArn: 'arn',
      now: world.now,
      sleep: async () => {},
    })
    const { Targets } = at(template, place('Gate/Keys/Regularly')).Properties
    await put(JSON.parse(Targets[0].Input))

    const edge = edgeFunction(gateSource(WAIT))
    const visitor = browser()
    let url = `${SHOP}/cars/index.html?colour=blue`
    const seen: string[] = []
    for (let step = 0; step < 6; step++) {
      seen.push(new URL(url).origin)
      let location: string | undefined
      if (url.startsWith(SHOP)) {
        const cookie = visitor.cookieHeader(world.now())
        const event = viewerRequest({ method: 'GET', url, cookie, ...NAVIGATION })
        const outcome = await edge.handler(event, {
          store: Object.fromEntries(values),
          nowMs: world.now(),
        })
        if (!('statusCode' in outcome)) break
        visitor.keep(
          Object.entries(outcome.cookies ?? {}).map(
            ([name, one]) => `${name}=${one.value}; ${one.attributes}`,
          ),
          world.now(),
        )
        location = outcome.headers.location?.value
      } else {
        // as the page does at the turn: a room in mode `off` has one for everybody
        const { pathname, search } = new URL(url)
        const { headers } = await world.visitor(`${pathname}/through${search}`)
        location = headers.get('location') ?? undefined
      }
      if (location === undefined) throw new Error(`no way on from ${url}`)
      url = location
    }
    expect(seen).toEqual([SHOP, `https://${WAIT}`, SHOP, SHOP])
    expect(url).toBe(`${SHOP}/cars/index.html?colour=blue`)
    expect(existsSync(`examples/static-showroom/site${new URL(url).pathname}`)).toBe(true)
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

/** As docs/deploy.md gives them to an owner's app. */
const OUTPUTS = Array.from(
  readFileSync('docs/deploy.md', 'utf8').matchAll(/^new CfnOutput\(.*\)$/gm),
  ([line]) => line,
).join('\n')

test('an app that installed this package has room and gate, with one copy of CDK, bundles and all', async () => {
  const home = newFolder()
  const modules = join(home, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync('node_modules').filter(one => !/^\.(?!bin$)/.test(one))) {
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
     import { App, CfnOutput, Stack } from 'aws-cdk-lib'
     const app = new App()
     const waitingRoom = new WaitingRoom(new Stack(app, 'Room'), 'Room')
     if (!(waitingRoom.node.root instanceof App)) throw new Error('two copies of CDK')
     const stack = new Stack(app, 'Shop')
     const gate = new Gate(stack, 'Gate', { waitingRoom, room: 'cars' })
     ${OUTPUTS}`,
  )
  const folder = await synthesised('app.ts', ['Shop'], home)
  const room = templateIn(folder, 'Room')
  expect(Object.keys(resources(room, 'AWS::DynamoDB::GlobalTable'))).toHaveLength(1)
  const shop = templateIn(folder, 'Shop')
  expect(Object.keys(shop.toJSON().Outputs)).toEqual(
    expect.arrayContaining(['Url', 'MasterSecretArn', 'TableName', 'GateStoreArn']),
  )
  const [bundled] = Object.values(resources(shop, 'AWS::Lambda::Function'))
  const asset = `asset.${String(bundled?.Properties.Code.S3Key).replace('.zip', '')}`
  expect(statSync(join(folder, asset, 'index.mjs')).size).toBeGreaterThan(100_000)
})
