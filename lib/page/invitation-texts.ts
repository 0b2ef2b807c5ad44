/** What both pages say to those whom a group's line does not take. */
import type { Uninvited } from './facts.ts'

export interface UninvitedTexts {
  readonly heading: string
  readonly lead: readonly string[]
  /** On the button or link to the room's own line. */
  readonly action: string
}

const GENERAL = 'The general line is open to everybody.'

export function uninvitedTexts(problem: Uninvited): UninvitedTexts {
  const says = (heading: string, ...lead: string[]): UninvitedTexts => ({
    heading,
    lead: [...lead, GENERAL],
    action: 'Join the general line',
  })
  switch (problem) {
    case 'invitation-needed':
      return says(
        'This line is by invitation',
        'If you have an invitation, please open its link once more.',
      )
    case 'bad-invitation':
      return says(
        'This invitation is not good here',
        'Its link may have been cut off on the way, or it is for another sale. Please open it once more, whole.',
      )
    case 'invitation-expired':
      return says('This invitation has expired', 'Its time is over. We are sorry.')
    case 'invitation-used':
      return says(
        'This invitation has been used',
        'Each invitation is good for one ticket, and that one was given to another browser. If it was yours, please go on there.',
      )
  }
}
