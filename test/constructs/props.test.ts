/** Props by name and kind: an app that `tsx` starts has no compiler to tell it, and the docs must. */
import { readFileSync } from 'node:fs'
import { RemovalPolicy } from 'aws-cdk-lib'
import { describe, expect, test } from 'vitest'
import { GATE_PROPS, Gate } from '../../lib/constructs/edge-gate/gate.ts'
import { Firewall } from '../../lib/constructs/front/firewall.ts'
import { WaitingRoom } from '../../lib/constructs/waiting-room.ts'
import { WAITING_ROOM_PROPS } from '../../lib/constructs/waiting-room-props.ts'
import { stackOf } from './with-gate.ts'

/** As an app without types would write it. */
type Made = new (scope: object, id: string, props?: unknown) => object
function refused(construct: unknown, props: unknown) {
  return expect(() => new (construct as Made)(stackOf(), 'Made', props))
}

const A_WINDOW = { instances: 5, from: '2026-12-01T05:20:00Z' }
const AN_ACL = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/x/y'

describe('a WaitingRoom refuses', () => {
  test.each<[unknown, string]>([
    ['x', 'props: x came, an object is allowed'],
    [{ alarm: 'all' }, 'alarm: no such prop; removalPolicy, logRetention, '],
    [{ stock: undefined }, 'stock: no such prop'],
    [{ removalPolicy: 'keep' }, 'removalPolicy: keep came, retain, retain-on-update-or-delete or'],
    [{ removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: snapshot came'],
    [{ logRetention: 12 }, 'logRetention: 12 came, a value of RetentionDays is allowed'],
    [{ logRetention: 'ONE_MONTH' }, 'logRetention: ONE_MONTH came'],
    [{ warmThroughput: 5_000 }, 'warmThroughput: 5000 came, an object is allowed'],
    [{ warmThroughput: {} }, 'warmThroughput: nothing came, readUnitsPerSecond, '],
    [{ warmThroughput: { writes: 4_000 } }, 'warmThroughput.writes: no such prop; readUnits'],
    [{ domain: 'wait.shop.example' }, 'domain: wait.shop.example came, an object is allowed'],
    [{ domain: {} }, 'domain.name: undefined came, a text is allowed'],
    [{ domain: { name: 'a.example', otherNames: 'b.example' } }, 'domain.otherNames: b.example'],
    [{ domain: { name: 'a.example', certificate: AN_ACL } }, 'domain.certificate: arn:'],
    [{ domain: { name: 'a.example', hostedZone: {} } }, 'domain.hostedZone: an object came, a h'],
    [{ priceClass: 'cheap' }, 'priceClass: cheap came, a value of PriceClass is allowed'],
    [{ firewall: true }, 'firewall: true came, an object is allowed'],
    [{ firewall: { challange: false } }, 'firewall.challange: no such prop; joinsPerMinute, '],
    [{ firewall: { challenge: 'no' } }, 'firewall.challenge: no came, true or false is allowed'],
    [{ firewall: { webAclArn: undefined } }, 'firewall.webAclArn: undefined came, a text'],
    [{ firewall: { webAclArn: '' } }, 'firewall.webAclArn: an empty text came'],
    [{ firewall: { webAclArn: AN_ACL, botControl: true } }, 'firewall.botControl: no such prop'],
    [{ provisionedConcurrency: 200 }, 'provisionedConcurrency: 200 came, an object is allowed'],
    [{ provisionedConcurrency: A_WINDOW }, 'provisionedConcurrency.until: undefined came, a text'],
    [{ reservedConcurrency: 20 }, 'reservedConcurrency: 20 came, an object is allowed'],
    [{ alarmTopic: 'arn:aws:sns:us-east-1:111122223333:ops' }, 'alarmTopic: arn:aws:sns:'],
    [{ alarms: true }, 'alarms: true came, none, essential or all is allowed'],
    [{ dashboard: 'no' }, 'dashboard: no came, true or false is allowed'],
    [{ monthlyBudget: { usd: 10 } }, 'monthlyBudget.emails: undefined came, a list of texts'],
    [{ monthlyBudget: { usd: '10', emails: [] } }, 'monthlyBudget.usd: 10 came, a number'],
    [{ tags: ['x'] }, 'tags: a list came, an object is allowed'],
    [{ tags: { floor: 5 } }, 'tags.floor: 5 came, a text is allowed'],
    [{ healthAlarms: { cars: 'arn' } }, 'healthAlarms.cars: arn came, an alarm such as'],
  ])('%j', (props, says) => {
    refused(WaitingRoom, props).toThrow(says)
  })
})

describe('a Gate refuses', () => {
  const waitingRoom = {
    url: 'https://wait.example',
    masterSecret: { secretArn: 'arn', secretFullArn: 'arn' },
  }
  const right = { waitingRoom, room: 'cars' }
  test.each<[unknown, string]>([
    [undefined, 'props: undefined came, an object is allowed'],
    [{ room: 'cars' }, 'waitingRoom: undefined came, a WaitingRoom, or { url, masterSecret }, is'],
    [{ ...right, waitingRoom: { url: 'https://wait.example' } }, 'waitingRoom: an object came'],
    [{ ...right, waitingRoom: 'https://wait.example' }, 'waitingRoom: https://wait.example came'],
    [{ waitingRoom }, 'room: undefined came, a text is allowed'],
    [{ ...right, room: undefined }, 'room: undefined came, a text is allowed'],
    [{ ...right, mode: 'off' }, 'mode: no such prop; waitingRoom, room, '],
    [{ ...right, protects: ['/sale'] }, 'protects: no such prop'],
    [{ ...right, protect: '/sale' }, 'protect: /sale came, a list of texts is allowed'],
    [{ ...right, bypass: [5] }, 'bypass: 5 came, a text is allowed'],
    [{ ...right, graceSeconds: '5' }, 'graceSeconds: 5 came, a number is allowed'],
    [{ ...right, alarmTopic: 'ops' }, 'alarmTopic: ops came, a topic such as'],
  ])('%j', (props, says) => {
    refused(Gate, props).toThrow(says)
  })
})

test('a Firewall refuses what is no rule', () => {
  refused(Firewall, { challange: true }).toThrow('firewall.challange: no such prop')
  refused(Firewall, { botControl: 'yes' }).toThrow('firewall.botControl: yes came, true or false')
})

describe('docs/deploy.md', () => {
  const text = readFileSync('docs/deploy.md', 'utf8')
  /** The names in the first column of the table under a heading. */
  function documented(heading: string): string[] {
    const [, after = ''] = text.split(`\n${heading}\n`)
    const [section = ''] = after.split(/\n#{2,3} /)
    const cells = section.split('\n').flatMap(line => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? [])
    return cells.flatMap(cell => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = '']) => name))
  }

  test('has a row for each prop of a WaitingRoom, and for no other', () => {
    expect(documented('## Props').sort()).toEqual(Object.keys(WAITING_ROOM_PROPS).sort())
  })

  test('has a row for each prop of a Gate, and for no other', () => {
    expect(documented('### A gate').sort()).toEqual(Object.keys(GATE_PROPS).sort())
  })
})
