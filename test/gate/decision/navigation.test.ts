import { describe, expect, test } from 'vitest'
import { isNavigation, prefersJson } from '../../../lib/gate/decision/navigation.ts'

describe('who asks for JSON', () => {
  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/problem+json',
    'application/json, text/plain, */*',
    'application/json;q=0.9, text/html;q=0.8',
    'application/json, */*;q=0.1',
  ])('%s does', accept => {
    expect(prefersJson(accept)).toBe(true)
  })

  test.each([
    undefined,
    '',
    '*/*',
    'text/html',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/html, application/json',
    'application/json;q=0.8, text/html;q=0.9',
    'application/json;q=0.5, */*',
    'application/json;q=0',
    'application/json;q=x',
    'application/jsonp',
    `${'a/b,'.repeat(300)}application/json`,
  ])('%s does not', accept => {
    expect(prefersJson(accept)).toBe(false)
  })
})

test('only GET and HEAD of pages are navigations', () => {
  expect(isNavigation({ method: 'GET' })).toBe(true)
  expect(isNavigation({ method: 'HEAD', accept: '*/*' })).toBe(true)
  expect(isNavigation({ method: 'GET', fetchMode: 'navigate' })).toBe(true)
  // an empty header names no mode: it is as if it had not come
  expect(isNavigation({ method: 'GET', accept: '', fetchMode: '' })).toBe(true)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get', '']) {
    expect(isNavigation({ method })).toBe(false)
  }
  for (const fetchMode of ['cors', 'no-cors', 'same-origin', 'websocket']) {
    expect(isNavigation({ method: 'GET', fetchMode })).toBe(false)
  }
  expect(isNavigation({ method: 'GET', accept: 'application/json' })).toBe(false)
})
