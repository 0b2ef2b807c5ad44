import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { buildPage, pageFiles } from '../../../lib/page/build/build.ts'

const FIRST_LOAD_BYTES_MAX = 30_000

const page = () => pageFiles().get('page.html')?.body ?? ''

test('the first load is under its budget, compressed', () => {
  const sizes = [...pageFiles().values()].map(file => gzipSync(file.body).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES_MAX)
})

test('the script sends the hash of what it posts, which CloudFront asks for', () => {
  const script = [...pageFiles()].find(([path]) => path.endsWith('.js'))?.[1].body ?? ''
  expect(script).toContain('x-amz-content-sha256')
})

test('the page names its files, each by its content, to be kept for ever', () => {
  const files = pageFiles()
  const named = [...page().matchAll(/(?:href|src)="\/(assets\/[^"]+)"/g)].map(([, path]) => path)
  const assets = [...files.keys()].filter(path => path.startsWith('assets/'))
  expect(named.sort()).toEqual(assets.sort())
  for (const path of assets) {
    expect(path).toMatch(/^assets\/[a-z]+-[0-9a-f]{12}\.(?:js|css|svg)$/)
    expect(files.get(path)?.cacheControl).toContain('immutable')
  }
  expect(files.get('page.html')?.cacheControl).not.toContain('immutable')
})

test('nothing on the page needs more than its own files: no inline script or style', () => {
  expect(page()).not.toMatch(/<style|style=|<script(?! src="\/assets\/)|\son\w+=|https?:/)
  expect(page()).not.toContain('{{')
})

test('without JavaScript the page sends on by itself, and by a link', () => {
  expect(page()).toContain(
    '<noscript><meta http-equiv="refresh" content="0; url=?plain"></noscript>',
  )
  expect(page()).toContain('href="?plain"')
  expect(page()).toContain('<meta name="referrer" content="same-origin">')
})

test('a build is the same each time, and what is written is what is served', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-page-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  buildPage(folder)
  const written = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
  expect(written.sort()).toEqual([...pageFiles().keys()].sort())
  for (const [path, { body }] of pageFiles()) {
    expect(readFileSync(join(folder, path), 'utf8')).toBe(body)
  }
})
