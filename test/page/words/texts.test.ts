import { describe, expect, test } from 'vitest'
import { UNINVITED } from '../../../lib/page/machine/facts.ts'
import type { ShownOdds } from '../../../lib/page/machine/odds.ts'
import { type View, type ViewState, viewOf } from '../../../lib/page/machine/view.ts'
import { createFormat, figureSize } from '../../../lib/page/words/format.ts'
import { LOCALE } from '../../../lib/page/words/text.ts'
import { noticeText, textsOf } from '../../../lib/page/words/texts.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import { having, inLine, later, START_MS, statusAt } from '../walk.ts'

const format = createFormat(LOCALE, 'UTC')
const NOW_MS = Date.parse('2026-12-01T05:30:00Z')
const AT_0600 = Date.parse('2026-12-01T06:00:00Z')
const textsFor = (state: ViewState) =>
  textsOf({ ...state, message: null, notice: null, proof: null }, { nowMs: NOW_MS, format })

const waiting = {
  state: 'waiting',
  place: 1_301,
  ahead: 1_204,
  waitMs: 120_400,
  turnAtMs: NOW_MS + 120_400,
  progress: 0.2,
  binding: null,
  odds: null,
  outlook: null,
} as const satisfies ViewState

const STATES: readonly ViewState[] = [
  { state: 'arriving' },
  { state: 'scheduled', opensAtMs: AT_0600, untilMs: 1_800_000 },
  { state: 'gathering', opensAtMs: null, untilMs: null, here: 1 },
  { state: 'drawing', waiting: 0 },
  waiting,
  { state: 'turn', place: 3 },
  { state: 'held', place: 3 },
  { state: 'open-way' },
  { state: 'entering', place: 3, location: 'https://shop.example/' },
  { state: 'returned' },
  { state: 'missed', place: 3 },
  { state: 'entered' },
  { state: 'refused-address' },
  { state: 'paused', place: 3, ahead: 2, progress: 0 },
  { state: 'closed', place: null, hasTicket: false },
  { state: 'sold-out', place: null },
  { state: 'ended' },
  { state: 'unknown-room' },
  { state: 'cookies-needed' },
  { state: 'uninvited', problem: 'invitation-needed' },
]

test.each(STATES)('$state has a title, a heading, something to read and to hear', state => {
  const texts = textsFor(state)
  expect(texts.title).not.toBe('')
  expect(texts.heading).not.toBe('')
  expect(texts.lead.join('')).not.toBe('')
  expect(texts.announcement).not.toBe('')
})

test('the button stands where the visitor can do something, and nowhere else', () => {
  const withButton = STATES.filter(state => textsFor(state).action !== null)
  expect(withButton.map(({ state }) => state)).toEqual([
    'turn',
    'open-way',
    'entering',
    'returned',
    'refused-address',
    'cookies-needed',
    'uninvited',
  ])
})

describe('waiting', () => {
  test('says people ahead, place and wait, and puts them into the title', () => {
    const { title, figure, facts } = textsFor(waiting)
    expect(title).toBe('1,204 ahead · 3 min')
    expect(figure).toEqual({ value: '1,204', caption: 'people ahead of you' })
    expect(facts).toEqual([
      ['Your place', '1,301'],
      ['Your wait', 'About 3 minutes'],
    ])
  })

  test('tells a long wait by the clock too', () => {
    const { facts } = textsFor({ ...waiting, waitMs: 1_800_000, turnAtMs: AT_0600 })
    expect(facts[1]).toEqual(['Your wait', 'About 30 minutes', 'around 06:00'])
  })

  test('says one person, and none', () => {
    expect(textsFor({ ...waiting, ahead: 1 }).figure?.caption).toBe('person ahead of you')
    expect(textsFor({ ...waiting, ahead: 0 })).toMatchObject({
      title: 'You are next',
      figure: null,
    })
  })

  test('says so when nobody is let in', () => {
    const still = textsFor({ ...waiting, waitMs: null, turnAtMs: null })
    expect(still.title).toBe('1,204 ahead')
    expect(still.facts[1]).toEqual(['Your wait', 'Not known yet'])
  })

  test('is read out at a few steps, not each second', () => {
    let facts = inLine({ ratePerMinute: 1 })
    const heard = new Set<string>()
    for (let second = 0; second < 900; second++) {
      facts = later(facts, 1_000)
      heard.add(textsOf(viewOf(facts), { nowMs: facts.nowMs, format }).announcement)
    }
    expect(heard.size).toBeLessThan(5)
  })

  test('warns of what may come too late', () => {
    const sold = textsFor({ ...waiting, outlook: { kind: 'stock', left: 97 } })
    expect(sold.lead[0]).toMatch(/^Only 97 are left/)
    const one = textsFor({ ...waiting, outlook: { kind: 'stock', left: 1 } })
    expect(one.lead[0]).toMatch(/^Only one is left/)
    const closing = textsFor({ ...waiting, outlook: { kind: 'closing', closesAtMs: AT_0600 } })
    expect(closing.lead[0]).toMatch(/closes at 06:00/)
  })
})

describe('the reason for a slow line', () => {
  test.each([
    ['health', /busy right now/],
    ['capacity', /full: somebody is let in whenever somebody leaves/],
    ['stock', /can still hope to find something/],
  ] as const)('%s is read, and heard apart from the rest', (binding, said) => {
    const texts = textsFor({ ...waiting, binding })
    expect(texts.lead[0]).toMatch(said)
    expect(texts.remark).toMatch(said)
    expect(texts.announcement).toBe(textsFor(waiting).announcement)
  })

  test.each(['rate', 'plan', 'pause', null] as const)('%s needs no word', binding => {
    const texts = textsFor({ ...waiting, binding })
    expect(texts.lead).toEqual(textsFor(waiting).lead)
    expect(texts.remark).toBe('')
  })

  test('is heard once, and again only when it has changed for two statuses', () => {
    const heard: string[] = []
    let facts = inLine({ binding: 'capacity', ratePerMinute: 6 })
    const bindings = ['capacity', null, 'capacity', null, 'rate', 'capacity', 'health', 'health']
    for (const binding of bindings as Status['binding'][]) {
      const told = { openCohort: 1, tail: 40, ratePerMinute: 6, binding }
      const status = statusAt(facts.nowMs + 1000, told)
      facts = having(facts, { type: 'status', status })
      const { remark } = textsOf(viewOf(facts), { nowMs: facts.nowMs, format })
      if (remark !== heard.at(-1)) heard.push(remark)
    }
    expect(heard.map(text => text.slice(0, 20))).toEqual([
      'The showroom is full',
      'The showroom is busy',
    ])
  })
})

describe('odds', () => {
  const said = (odds: ShownOdds) => textsFor({ ...waiting, odds })

  test.each([
    [{ kind: 'none' }, 'Practically none'],
    [{ kind: 'about', chance: 0.4 }, 'About 40%'],
    [{ kind: 'between', from: 0.3, to: 0.6 }, '30% to 60%'],
    [{ kind: 'at-most', chance: 0.25 }, 'At most 25%'],
    [{ kind: 'at-least', chance: 0.7 }, 'At least 70%'],
    [{ kind: 'good' }, 'Good'],
  ] as const)('%j are told as "%s"', (odds, text) => {
    expect(said(odds).facts.at(-1)).toEqual(['Chance that something is left for you', text])
  })

  test('are told plainly, to read and to hear, where there is nothing to hope for', () => {
    const { lead, announcement } = said({ kind: 'none' })
    expect(lead).toEqual([expect.stringMatching(/practically nothing will be left/)])
    expect(announcement).toMatch(/place is 1,301\. .*no need to stay/)
    expect(said({ kind: 'about', chance: 0.02 }).lead.join()).not.toMatch(/no need/)
  })
})

test.each(UNINVITED)('%s is told in its own words, with the way to the general line', problem => {
  const texts = textsFor({ state: 'uninvited', problem })
  expect(texts.action).toBe('Join the general line')
  const headings = UNINVITED.map(one => textsFor({ state: 'uninvited', problem: one }).heading)
  expect(new Set(headings).size).toBe(UNINVITED.length)
})

test('a closed room keeps the place of who has one, and says so', () => {
  const leadFor = (hasTicket: boolean) => textsFor({ state: 'closed', place: null, hasTicket }).lead
  expect(leadFor(false).join()).not.toMatch(/place/)
  expect(leadFor(true)).toContain('Your place is kept.')
})

describe('before the opening', () => {
  test('the countdown is the figure and the title', () => {
    const texts = textsFor({
      state: 'gathering',
      opensAtMs: AT_0600,
      untilMs: 1_799_001,
      here: 12_402,
    })
    expect(texts.title).toBe('30:00 · You are in')
    expect(texts.figure).toEqual({ value: '30:00', caption: 'until the opening at 06:00' })
    expect(texts.facts).toEqual([['In the room', '12,402 people']])
    expect(texts.announcement).not.toMatch(/30:00/)
  })

  test('nobody who is in reads that nobody is', () => {
    const texts = textsFor({ state: 'gathering', opensAtMs: AT_0600, untilMs: 1_000, here: 0 })
    expect(texts.facts).toEqual([])
  })

  test('the day is named where it is not today', () => {
    const opensAtMs = AT_0600 + 86_400_000
    const texts = textsFor({ state: 'scheduled', opensAtMs, untilMs: 88_200_000 })
    expect(texts.figure?.caption).toMatch(/^until the sale on Wednesday.* 2 December.*06:00$/)
    expect(texts.figure?.value).toBe('24:30:00')
  })

  test('at the opening there is no countdown to nothing', () => {
    const texts = textsFor({ state: 'gathering', opensAtMs: AT_0600, untilMs: 0, here: 2 })
    expect(texts).toMatchObject({ title: 'Opening', figure: null })
  })
})

test.each(['offline', 'busy', 'unreachable', 'new-ticket'] as const)('%s has its line', notice => {
  expect(noticeText(notice)).toMatch(/\.$/)
})

describe('lengths of time', () => {
  test.each([
    [0, 'a few seconds', '10 s'],
    [5_000, 'a few seconds', '10 s'],
    [5_001, 'about 10 seconds', '10 s'],
    [90_000, 'about 90 seconds', '90 s'],
    [90_001, 'about 2 minutes', '2 min'],
    [5_400_000, 'about 90 minutes', '90 min'],
    [5_400_001, 'about 1 hour 45 minutes', '2 h'],
    [7_200_000, 'about 2 hours', '2 h'],
  ])('%i ms are %s, or %s', (ms, long, short) => {
    expect(format.wait(ms)).toBe(long)
    expect(format.shortWait(ms)).toBe(short)
  })

  test.each([
    [0, '0:00'],
    [1, '0:01'],
    [59_000, '0:59'],
    [59_001, '1:00'],
    [3_599_000, '59:59'],
    [3_599_001, '1:00:00'],
    [172_799_000, '47:59:59'],
    [172_799_001, '2 days'],
  ])('%i ms count down as %s', (ms, text) => {
    expect(format.countdown(ms)).toBe(text)
  })
})

test('long numbers are written smaller', () => {
  expect(['97', '1,204', '12,402', '299,903', '1,204,331'].map(figureSize)).toEqual([
    'large',
    'large',
    'medium',
    'medium',
    'small',
  ])
})

test('a view has a text whatever its place in the sale', () => {
  const view: View = viewOf(inLine({ stock: 1 }))
  expect(textsOf(view, { nowMs: START_MS }).heading).toBe('You are in line')
})
