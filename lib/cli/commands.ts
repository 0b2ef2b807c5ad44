/** Every command. The help, the checks of operands and options, and the test of docs/cli.md go by this list. */
import { INVITATIONS_MAX } from '../queue/limits.ts'
import { gateGet, gateMode } from './account/gate.ts'
import { keysGate, keysRotate, keysToken } from './account/keys.ts'
import { QUOTAS_TEXT, REHEARSE_OPTIONS, rehearseCommand } from './offline/rehearse.ts'
import { verify } from './offline/verify.ts'
import { preflight } from './preflight/preflight.ts'
import { invite } from './room/invite.ts'
import {
  type ACTIONS,
  roomAction,
  roomDelete,
  roomGet,
  roomHealth,
  roomHistory,
  roomLetIn,
  roomList,
  roomPut,
  roomSet,
} from './room/room.ts'
import { SETTABLE } from './room/room-fields.ts'
import type { Command, OptionName } from './shared/command.ts'

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionName[] = ['json', 'help', 'version']

const remote = { options: ['url', 'token'], required: [] } as const
/** For commands that read the master secret, with credentials of its AWS account. */
const secret = { options: ['secret'], required: ['secret'] } as const
/** For commands that read the store of a gate on CloudFront, with credentials of its AWS account. */
const store = { options: ['store'], required: ['store'] } as const
const edit = { ...remote, options: ['url', 'token', 'if-version'] } as const

const CONFLICT =
  '--if-version N refuses the change, and names what others changed, unless N is the latest version.'

/** Five keys a line, so that each line fits a terminal. */
const SETTABLE_LINES = SETTABLE.flatMap((_, at) =>
  at % 5 === 0 ? [`  ${SETTABLE.slice(at, at + 5).join(', ')}`] : [],
)

export const COMMANDS: readonly Command[] = [
  {
    ...edit,
    name: 'room put',
    operands: ['ID', 'FILE|-'],
    summary: 'make a room from a JSON file, or replace its configuration',
    details: [
      'FILE holds the configuration; - is standard input. `showroomUrl` alone is required: left out,',
      '`opensAt` is now (null: when `room open` says). docs/admission.md has every field.',
      CONFLICT,
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
    ...edit,
    name: 'room set',
    operands: ['ID', 'KEY=VALUE...'],
    summary: 'change some fields while the sale runs',
    details: [
      'KEY is one of:',
      ...SETTABLE_LINES,
      'VALUE null takes a limit, a time, a plan or the message away. A plan is TIME=RATE,TIME=RATE.',
      'Example: room set demo ratePerMinute=900 capacity=null message="Doors at nine"',
      CONFLICT,
    ],
    run: roomSet,
  },
  {
    ...remote,
    name: 'room let-in',
    operands: ['ID', 'PLACES'],
    summary: 'let so many in besides the rate',
    details: [
      'As soon as there are people, seats and goods for them. Given twice, it counts twice.',
    ],
    run: roomLetIn,
  },
  {
    ...remote,
    name: 'room health',
    operands: ['ID'],
    options: ['url', 'token', 'latency-ms', 'error-rate', 'alarm'],
    summary: 'say how the showroom fares; admission follows',
    details: [
      'Either --latency-ms and --error-rate, which are compared with the room’s `health` and count for',
      'a minute, or --alarm, which counts until it is off again.',
    ],
    run: roomHealth,
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
    ...remote,
    name: 'invite',
    operands: ['ID'],
    options: ['url', 'token', 'group', 'count', 'expires'],
    required: ['group'],
    summary: 'make links to a group’s line, for one guest each',
    details: [
      'Prints id,url as CSV, a link a line: whoever has a link can use it. Given twice, it makes others.',
      `TIME is such as 2026-12-01T06:00:00Z; N is at most ${INVITATIONS_MAX}.`,
    ],
    run: invite,
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
  {
    ...remote,
    name: 'preflight',
    operands: ['ID'],
    options: ['url', 'token', 'visitors', 'table', 'store'],
    summary: 'look at everything before a sale, and say what to do',
    details: [
      'Opening, rate, capacity and stock; page, status and its caching, keys; whether the showroom sends',
      'visitors here; clocks. --table and --store look at the table, and into the store of a gate at the',
      'edge, with the credentials of their AWS account.',
      'Exit code 1 when something failed. LOOK may be meant so; - cannot be looked at from here.',
    ],
    run: preflight,
  },
  {
    ...secret,
    name: 'keys rotate',
    operands: [],
    summary: 'the next step of a rotation: add a key, or let it sign',
    details: [
      'Given twice, with ten minutes between: first the new key is known beside the old one, then it',
      'signs. Nobody in a sale loses anything. Needs the credentials of the AWS account.',
    ],
    run: keysRotate,
  },
  {
    ...secret,
    name: 'keys token',
    operands: [],
    summary: "print the operator's token",
    details: ['Needs the credentials of the AWS account. Another one after each rotation.'],
    run: keysToken,
  },
  {
    ...secret,
    name: 'keys gate',
    operands: ['ID'],
    summary: "print a room's gate keys, for a gate outside of AWS",
    details: [
      'As GATE_KEYS takes them; they are secrets. Needs the credentials of the AWS account.',
    ],
    run: keysGate,
  },
  {
    ...store,
    name: 'gate get',
    operands: ['ID'],
    summary: 'show whether a gate at the edge is on, and its keys by name',
    details: ['Needs the credentials of the AWS account. For a Gate on CloudFront alone.'],
    run: gateGet,
  },
  {
    ...store,
    name: 'gate mode',
    operands: ['ID', 'MODE'],
    summary: 'switch a gate at the edge: on, off or openUntil=TIME',
    details: [
      'MODE is on (a session is needed), off (everybody walks through), or open until a time such as',
      'openUntil=2026-12-01T08:00:00Z, within seven days. No deployment; known everywhere within a minute',
      'or so. Needs the credentials of the AWS account.',
    ],
    run: gateMode,
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
