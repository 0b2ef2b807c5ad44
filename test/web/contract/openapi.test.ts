import { expect, test } from 'vitest'
import { ERROR_STATUS } from '../../../lib/queue/errors.ts'
import { openApiDocument } from '../../../lib/web/contract/openapi.ts'
import { ROUTES } from '../../../lib/web/contract/route-table.ts'
import { createWorld } from '../../support/world.ts'

interface Operation {
  responses: object
  requestBody?: object
  parameters: { name: string }[]
  security?: object[]
}

interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

test('failure mode 48: the document names every route of the applications, and no other', async () => {
  const world = await createWorld()
  const served = [...world.visitors.routes, ...world.operators.routes]
    .filter(route => route.method !== 'ALL')
    .map(route => `${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')}`)
  const documented = ROUTES.map(route => `${route.method.toUpperCase()} ${route.path}`)
  expect(new Set(documented)).toEqual(new Set(served))
})

test('is OpenAPI 3.1, served, and carries the bounds of the schemas', async () => {
  const world = await createWorld()
  const answer = await world.visitor('/openapi.json')
  expect(answer.status).toBe(200)
  const document = answer.body as unknown as Document
  expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  expect(document.openapi).toBe('3.1.0')
  const put = document.paths['/operator/api/rooms/{room}']?.put
  expect(JSON.stringify(put?.requestBody)).toContain('"maximum":60')
  expect(JSON.stringify(put?.requestBody)).toContain('"additionalProperties":false')
  expect(Object.keys(document.paths['/r/{room}/passes']?.post?.responses ?? {})).toEqual(
    expect.arrayContaining(['200', '400', '401', '404', '409', '410', '413', '415', '425', '503']),
  )
})

test('every code that an answer of the API carries is documented with a route', () => {
  const documented = new Set<string>(ROUTES.flatMap(route => route.errors))
  // Told by the framework of every route, foreseen by nobody, or told by the gate.
  const elsewhere = ['forbidden', 'method-not-allowed', 'internal-error']
  const missing = Object.keys(ERROR_STATUS).filter(code => !documented.has(code))
  expect(missing).toEqual(elsewhere)
})

test('an edit names the header that guards it against the edits of others', () => {
  for (const route of ROUTES.filter(({ method }) => method === 'put' || method === 'patch')) {
    expect(route).toMatchObject({ headers: ['If-Match'] })
    expect(route.errors).toContain('edit-conflict')
  }
  const { parameters } = operationOf('/operator/api/rooms/{room}', 'patch')
  expect(parameters).toContainEqual({
    name: 'If-Match',
    in: 'header',
    required: false,
    schema: { type: 'string' },
  })
})

test('the open way documents that it redirects and takes neither a body nor a ticket', () => {
  const { responses, parameters, security } = operationOf('/r/{room}/through', 'get')
  expect(Object.keys(responses)).toEqual(['204', '302', '404'])
  expect(parameters.map(({ name }) => name)).toEqual(['room', 'to', 'nonce'])
  expect(security).toBeUndefined()
})

function operationOf(path: string, method: string) {
  const document = JSON.parse(JSON.stringify(openApiDocument())) as Document
  const operation = document.paths[path]?.[method]
  if (operation === undefined) throw new Error('no such operation')
  return operation
}
