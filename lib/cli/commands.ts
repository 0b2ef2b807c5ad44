/** Every command there is: the help, the checks of operands and options, and the docs follow this list. */
import type { Command, OptionName } from './command.ts'
import { QUOTAS_TEXT, REHEARSE_OPTIONS, rehearseCommand } from './rehearse.ts'
import {
  type ACTIONS,
  roomAction,
  roomDelete,
  roomGet,
  roomHistory,
  roomList,
  roomPut,
  roomSet,
  SETTABLE,
} from './room.ts'
import { verify } from './verify.ts'

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionName[] = ['json', 'help', 'version']

const remote = { options: ['url', 'token'], required: [] } as const

export const COMMANDS: readonly Command[] = [
  {
    ...remote,
    name: 'room put',
    operands: ['ID', 'FILE|-'],
    summary: 'make a room from a JSON file, or replace its configuration',
    details: [
      'FILE holds the configuration; - is standard input. `showroomUrl` alone is required.',
    ],
    run: roomPut,
  },
  {
    ...remote,
    name: 'room get',
    operands: ['ID'],
    summary: 'show a room and its configuration',
    details: [],
    run: roomGet,
  },
  {
    ...remote,
    name: 'room list',
    operands: [],
    summary: 'show all rooms, their phase, and when they wake',
    details: ['WAKES is the time from when on the room needs its ticks; - while it sleeps.'],
    run: roomList,
  },
  action('open', 'open the sale now', [
    'Whatever `opensAt` says; the first batch is let in with the next tick.',
  ]),
  action('pause', 'let nobody in until `room resume`', []),
  action('resume', 'go on after a pause', []),
  action('end', 'end the sale: nobody joins or is let in any more', []),
  {
    ...remote,
    name: 'room set',
    operands: ['ID', 'KEY=VALUE...'],
    summary: 'change some fields while the sale runs',
    details: [
      `KEY is one of ${SETTABLE.join(', ')}.`,
      'VALUE null takes a limit, a time or the message away.',
      'Example: room set demo ratePerMinute=900 capacity=null message="Doors at nine"',
    ],
    run: roomSet,
  },
  {
    ...remote,
    name: 'room delete',
    operands: ['ID'],
    summary: 'delete a room, without asking again',
    details: [],
    run: roomDelete,
  },
  {
    ...remote,
    name: 'room history',
    operands: ['ID'],
    summary: 'show what happened in a room, newest first',
    details: [],
    run: roomHistory,
  },
  {
    name: 'verify',
    operands: [],
    options: ['record', 'ticket'],
    required: ['record', 'ticket'],
    summary: 'recompute a place from the public record of its cohort',
    details: [
      'Needs no server and no token. Checks, in this order: that the ticket names its id, that the',
      'record is of its cohort, shows its commitment, and reveals the seed behind it, that the index',
      'was given out, and which place the draw gives it. Exit code 1 when one of them fails.',
    ],
    run: verify,
  },
  {
    name: 'rehearse',
    operands: [],
    options: REHEARSE_OPTIONS,
    required: [],
    summary: 'hold a sale in virtual time: what gives way, what it costs',
    details: [
      'Needs no server and no account. TIME is such as 500ms, 5s, 30m, 2h. See docs/rehearsal.md.',
      'Exit code 1 when a law was broken that holds in every run: then it names the seed.',
      QUOTAS_TEXT,
    ],
    run: rehearseCommand,
  },
]

function action(name: keyof typeof ACTIONS, summary: string, details: readonly string[]): Command {
  return {
    ...remote,
    name: `room ${name}`,
    operands: ['ID'],
    summary,
    details,
    run: roomAction(name),
  }
}
