/** A comment that claims "as X does" names the test that compares the two: claims drift apart unseen. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { filesIn, isModule, read, root } from './source.ts'

/** It is the twin of another file, or is, or does, what another file or part of the product does. */
const CLAIMS = [
  /\btwin of `/i,
  /\b(?:as|what|those of|that of|the (?:answers|rules) of) (?:`[^`]+` of )?`\.\.?\/[^`]+`/i,
  /\bas (?:the|every|each) (?:gate|page|room|edge|rehearsal)\b[^.]{0,30}\b(?:does|do|decides?|reads?|checks?|asks?|computes?)\b/i,
]

const files = ['lib', 'functions', 'bin', 'bench'].flatMap(filesIn).filter(isModule)
const claims = files.flatMap(path => claimsIn(read(path)).map(text => ({ path, text })))

it('every claim to do as another does names a test', () => {
  expect(claims.length).toBeGreaterThan(5)
  const unproved = claims.filter(({ text }) => testsIn(text).length === 0)
  expect(unproved).toEqual([])
})

it('the tests that claims name are there', () => {
  const missing = claims.flatMap(({ text }) =>
    testsIn(text).filter(path => !existsSync(join(root, path))),
  )
  expect(missing).toEqual([])
})

it.each([
  ['/** The twin of `../decision/proof.ts`. */', 1],
  ['/** It asks again as the page does. */', 1],
  ['/**\n * It decides as `isProtected` of\n * `../options/path-rules.ts` does.\n */', 1],
  ['// As every gate of ours checks it.\n', 1],
  ['/** Says what `../answer.ts` says (`test/gate/x.test.ts`). */', 1],
  ['/** See `../answer.ts`. */', 0],
  ['/** A key as the store has it. */', 0],
])('claims are found: %j', (text, count) => {
  expect(claimsIn(text)).toHaveLength(count)
})

/** Comments that claim it, each in one line. */
function claimsIn(text: string): string[] {
  const comments = text.match(/\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm) ?? []
  return comments
    .map(comment => comment.replace(/\s*\n\s*(?:\*|\/\/)? ?/g, ' '))
    .filter(comment => CLAIMS.some(claim => claim.test(comment)))
}

function testsIn(comment: string): string[] {
  return comment.match(/test\/[\w/-]+(?:\.test)?\.ts\b/g) ?? []
}
