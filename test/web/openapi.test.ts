import { expect, test } from 'vitest'
import { openApiDocument, ROUTES } from '../../lib/web/openapi.ts'
import { createWorld } from '../support/world.ts'

interface Document {
  openapi: string
  paths: Record<string, Record<string, { responses: object; requestBody?: object }>>
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
