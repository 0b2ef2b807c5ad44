import { describe, expect, test } from 'vitest'
import { GROUP_COHORTS } from '../../../lib/queue/limits.ts'
import { INVITATION_PARAMETER, signInvitation } from '../../../lib/queue/tokens/invitation.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../../support/world.ts'

const HOLDER = 'a-secret-of-this-browser'
const groups = [
  { name: 'vip', sharePercent: 50 },
  { name: 'press', sharePercent: 10 },
]

async function withGroups(config: object = {}): Promise<World> {
  const world = await createWorld()
  const opensAt = '2026-12-01T07:00:00Z'
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt, groups, ...config })
  return world
}

const ask = (world: World, body: object) => world.operator('POST', '/demo/invitations', body)

async function invite(world: World, more: object = {}): Promise<string> {
  const { body } = await ask(world, { group: 'vip', ...more })
  return String((body.invitations as { token: string }[])[0]?.token)
}

const join = (world: World, body: object, room = 'demo~vip') =>
  createVisitor(world.visitors, room).post('/tickets', body)

/** How many indexes the group's line has given out. */
const joined = async (world: World) =>
  (await world.store.sizes('demo', GROUP_COHORTS, 8, { consistent: true })).reduce((a, b) => a + b)

describe('invitations', () => {
  test('are made as many as asked for, each its own, with an address for the guest', async () => {
    const world = await withGroups()
    const { status, body, headers } = await ask(world, { group: 'vip', count: 3 })
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store'])
    const invitations = body.invitations as { id: string; token: string; url: string }[]
    expect(new Set(invitations.map(({ token }) => token)).size).toBe(3)
    for (const { token, url } of invitations) {
      expect(new URL(url).searchParams.get(INVITATION_PARAMETER)).toBe(token)
      expect(url.startsWith(SHOWROOM)).toBe(true)
    }
  })

  test('leave a room of which there are none untouched: nothing is written to make them', async () => {
    const world = await withGroups()
    const writes = world.writes()
    await ask(world, { group: 'vip', count: 1_000 })
    expect(world.writes()).toBe(writes)
  })

  test.each([
    [{}, 'group: nothing came, the name of a group is allowed'],
    [{ group: 5 }, 'group: 5 came, the name of a group is allowed'],
    [{ group: 'nobody' }, 'group: another name came, vip or press is allowed'],
    [{ group: 'vip', count: 0 }, 'count: 0 came, a whole number from 1 to 1000 is allowed'],
    [{ group: 'vip', count: -1 }, 'count: -1 came, a whole number from 1 to 1000 is allowed'],
    [{ group: 'vip', count: 1.5 }, 'count: 1.5 came, a whole number from 1 to 1000 is allowed'],
    [{ group: 'vip', count: 1_001 }, 'count: 1001 came, a whole number from 1 to 1000 is allowed'],
    [{ group: 'vip', count: '5' }, 'count: a text came, a whole number from 1 to 1000 is allowed'],
    [
      { group: 'vip', expiresAt: 'tomorrow' },
      'expiresAt: a text came, a time with its zone, such as 2026-12-01T06:00:00Z, is allowed',
    ],
    [
      { group: 'vip', expiresAt: '2026-12-01T06:00:00Z' },
      'expiresAt: 2026-12-01T06:00:00.000Z came, a time to come, at most 366 days away, is allowed',
    ],
    [
      { group: 'vip', expiresAt: '2027-12-02T06:00:00.001Z' },
      'expiresAt: 2027-12-02T06:00:00.001Z came, a time to come, at most 366 days away, is allowed',
    ],
    [{ group: 'vip', guests: 5 }, 'guests: no such field'],
    [[], 'body: a list came, an object is allowed'],
  ])('are refused for %j', async (body, message) => {
    const world = await withGroups()
    const answer = await ask(world, body)
    expect([answer.status, answer.body.error]).toEqual([400, { code: 'bad-request', message }])
  })

  test('may expire a millisecond from now, or 366 days, and without a word in a week', async () => {
    const world = await withGroups()
    for (const expiresAt of ['2026-12-01T06:00:00.001Z', '2027-12-02T06:00:00Z']) {
      expect((await ask(world, { group: 'vip', expiresAt })).status).toBe(201)
    }
    const invitation = await invite(world)
    world.pass(7 * 86_400_000 - 1_000)
    await world.operator('PATCH', '/demo', { opensAt: '2027-01-01T06:00:00Z' })
    world.pass(999)
    expect((await join(world, { invitation })).status).toBe(201)
  })

  test('are made for groups alone: a room without groups has none', async () => {
    const world = await withGroups({ groups: [] })
    const answer = await ask(world, { group: 'vip' })
    expect(answer.body.error).toMatchObject({
      message: 'group: another name came, no group is allowed',
    })
  })
})

describe('an invitation', () => {
  test('that is missing, altered, expired, of another key, group or room lets nobody in, and burns no place', async () => {
    const world = await withGroups()
    await world.operator('PUT', '/other', { showroomUrl: SHOWROOM, groups })
    const good = await invite(world)
    const [key] = world.keys.invitationKeys
    if (key === undefined) throw new Error('no key')
    const facts = { room: 'demo', group: 'vip', id: 'x', expiresAtMs: world.now() + 60_000 }
    const altered = `${good.slice(0, 60)}${good[60] === 'A' ? 'B' : 'A'}${good.slice(61)}`
    const cases: [string, string | undefined, string][] = [
      ['missing', undefined, 'invitation-needed'],
      ['empty', '', 'bad-invitation'],
      ['altered', altered, 'bad-invitation'],
      ['cut off', good.slice(0, -1), 'bad-invitation'],
      ['of another group', await invite(world, { group: 'press' }), 'bad-invitation'],
      ['of another room', signInvitation({ ...facts, room: 'other' }, 0, key), 'bad-invitation'],
      [
        'of another key',
        signInvitation(facts, 0, { ...key, secret: new Uint8Array(32) }),
        'bad-invitation',
      ],
      [
        'expired',
        signInvitation({ ...facts, expiresAtMs: world.now() }, 0, key),
        'invitation-expired',
      ],
    ]
    for (const [kind, invitation, code] of cases) {
      const answer = await join(world, invitation === undefined ? {} : { invitation })
      expect([kind, answer.status, codeOf(answer)]).toEqual([kind, 403, code])
      expect(answer.headers.getSetCookie()).toEqual([])
      if (invitation) expect(answer.text).not.toContain(invitation)
    }
    expect(await joined(world)).toBe(0)
  })

  test('of a wrong form is refused by name, before anything is looked up', async () => {
    const world = await withGroups()
    const message = async (body: object) =>
      ((await join(world, body)).body.error as { message: string }).message
    expect(await message({ invitation: 5 })).toMatch(/^invitation: 5 came/)
    expect(await message({ invitation: 'x'.repeat(2_049) })).toMatch(/^invitation: a text came/)
    for (const holder of ['short', 'with spaces in it!', 'x'.repeat(65), 5]) {
      expect(await message({ holder })).toMatch(
        /^holder: .+ came, 16 to 64 characters of base64url is allowed$/,
      )
    }
  })

  test('is good once: whoever else comes with it finds it used, and burns no place', async () => {
    const world = await withGroups()
    const invitation = await invite(world)
    expect((await join(world, { invitation, holder: HOLDER })).status).toBe(201)
    for (const other of [{}, { holder: `${HOLDER}-not` }]) {
      const answer = await join(world, { invitation, ...other })
      expect([answer.status, codeOf(answer)]).toEqual([409, 'invitation-used'])
    }
    expect(await joined(world)).toBe(1)
  })

  test('gives its holder the same ticket again, whose answer was lost on its way', async () => {
    const world = await withGroups()
    const invitation = await invite(world)
    const first = await join(world, { invitation, holder: HOLDER })
    const again = await join(world, { invitation, holder: HOLDER })
    expect(again.status).toBe(201)
    const { ticket: _, ...facts } = first.body
    expect(again.body).toMatchObject(facts)
    expect(await joined(world)).toBe(1)
  })

  test('without a holder is used for good by the first who comes', async () => {
    const world = await withGroups()
    const invitation = await invite(world)
    expect((await join(world, { invitation })).status).toBe(201)
    expect(codeOf(await join(world, { invitation }))).toBe('invitation-used')
  })

  test('used by ten at once on two instances is one ticket, in one hand', async () => {
    const world = await withGroups()
    const invitation = await invite(world)
    const apps = [world.visitors, world.anotherInstance()]
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        createVisitor(apps[n % 2] ?? world.visitors, 'demo~vip').post('/tickets', {
          invitation,
          holder: `${HOLDER}-${n}`,
        }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(answers.map(codeOf))).toEqual(new Set([undefined, 'invitation-used']))
  })

  test('is no key to the main line, where nobody asks for one', async () => {
    const world = await withGroups()
    const answer = await join(world, { invitation: await invite(world) }, 'demo')
    expect([answer.status, answer.body.cohort]).toEqual([201, 0])
  })

  test('used in an earlier sale is used, for its holder too, who is not told that this sale is over', async () => {
    const world = await withGroups()
    const invitation = await invite(world)
    await join(world, { invitation, holder: HOLDER })
    await world.operator('POST', '/demo/end')
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, groups })
    world.pass(1_001)
    for (const body of [{ invitation, holder: HOLDER }, { invitation }]) {
      expect(codeOf(await join(world, body))).toBe('invitation-used')
    }
    expect((await join(world, {}, 'demo')).status).toBe(201)
  })
})
