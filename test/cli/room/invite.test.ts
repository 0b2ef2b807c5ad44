import { describe, expect, it } from 'vitest'
import { only, run, startOperator } from '../support.ts'

const invitation = (id: string, url: string) => ({ id, token: `${id}.token`, url })
const made = {
  invitations: [
    invitation('id-1', 'https://shop.example/?antichambre-invitation=a.b.c'),
    invitation('id-2', 'https://shop.example/a,b?q="x"&antichambre-invitation=d.e.f'),
  ],
}

describe('invite', () => {
  it('sends what was asked for, and leaves the rest to the server', async () => {
    const operator = await startOperator(() => ({ status: 201, body: made }))
    const expires = '2026-12-01T07:00:00+01:00'
    const whole = ['--count', '2', '--expires', expires]
    await run(['invite', 'demo', '--group', 'members', ...whole], { url: operator.url })
    await run(['invite', 'demo', '--group', 'members'], { url: operator.url })
    expect(operator.received.map(({ method, path }) => [method, path])).toEqual(
      Array(2).fill(['POST', '/operator/api/rooms/demo/invitations']),
    )
    expect(operator.received.map(({ body }) => JSON.parse(body))).toEqual([
      { group: 'members', count: 2, expiresAt: expires },
      { group: 'members' },
    ])
    expect(only(operator.received).headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/)
  })

  it('prints a link a line, as CSV that a table reads', async () => {
    const { url } = await startOperator(() => ({ status: 201, body: made }))
    const { exitCode, output } = await run(['invite', 'demo', '--group', 'members'], { url })
    expect(exitCode).toBe(0)
    expect(output.split('\n')).toEqual([
      'id,url',
      'id-1,https://shop.example/?antichambre-invitation=a.b.c',
      'id-2,"https://shop.example/a,b?q=""x""&antichambre-invitation=d.e.f"',
      '',
    ])
  })

  it('prints the answer as it came with --json', async () => {
    const { url } = await startOperator(() => ({ status: 201, body: made }))
    const { output } = await run(['invite', 'demo', '--group', 'members', '--json'], { url })
    expect(JSON.parse(output)).toEqual(made)
  })

  it.each([['1'], ['1000']])('makes %s', async count => {
    const { url } = await startOperator(() => ({ status: 201, body: made }))
    const words = ['invite', 'demo', '--group', 'members', '--count', count]
    expect((await run(words, { url })).exitCode).toBe(0)
  })

  it('says what is wrong with an answer that it does not understand', async () => {
    const { url } = await startOperator(() => ({ body: { invitations: [{ id: 'x' }] } }))
    const { exitCode, complaint } = await run(['invite', 'demo', '--group', 'members'], { url })
    expect(exitCode).toBe(1)
    expect(complaint).toContain('invitations.0.url')
  })
})
