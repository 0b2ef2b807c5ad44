/** `invite`: links that let their guests stand in a group's line. */
import * as z from 'zod/mini'
import { GROUP_NAME, GROUP_NAME_RULE, INVITATIONS_MAX } from '../../queue/limits.ts'
import type { Command } from '../shared/command.ts'
import { operatorOf } from '../shared/operator.ts'
import { printable } from '../shared/text.ts'
import { instant, wholeNumber, wrongValue } from '../shared/values.ts'
import { roomPath } from './room.ts'
import { parseAnswer } from './room-text.ts'

export const invite: Command['run'] = async ([id = ''], options, io) => {
  const path = roomPath(id)
  const { group = '', count, expires } = options
  if (!GROUP_NAME.test(group)) throw wrongValue('--group', group, `a name of ${GROUP_NAME_RULE}`)
  const body = {
    group,
    ...(count !== undefined && {
      count: wholeNumber('--count', count, { min: 1, max: INVITATIONS_MAX }),
    }),
    ...(expires !== undefined && { expiresAt: instant('--expires', expires) }),
  }
  const answer = await operatorOf(options, io).request('POST', `${path}/invitations`, body)
  return { exitCode: 0, json: answer.body, text: () => invitationsCsv(answer.body) }
}

const invitationsSchema = z.object({
  invitations: z.array(z.object({ id: z.string(), url: z.string() })),
})

/** CSV (RFC 4180), one link a line, to be put beside the addresses of the guests. */
function invitationsCsv(body: unknown): string {
  const { invitations } = parseAnswer(invitationsSchema, body)
  const rows = invitations.map(({ id, url }) => [id, url].map(csvCell).join(','))
  return ['id,url', ...rows].join('\n')
}

function csvCell(value: string): string {
  const text = printable(value)
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
