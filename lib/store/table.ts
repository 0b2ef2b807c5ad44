/**
 * The one table: its key attributes and where each kind of item lies. Read by the adapter, by the
 * stack and by local servers alike; no AWS SDK in here.
 *
 * | partition                      | sort               | item                                     |
 * |--------------------------------|--------------------|------------------------------------------|
 * | ROOMS                          | room               | listing: when the clock must send ticks  |
 * | ROOM#room                      | CONFIG, STATE      | what the operator set; where it stands   |
 * | ROOM#room#COHORT#n#SHARD#s     | COUNTER            | indexes leased, when it closed           |
 * | ROOM#room#COHORT#n             | RECORD             | the closed cohort                        |
 * | ROOM#room#HOUSE                | HOUSE              | seats, and the people in them, counted   |
 * | ROOM#room#CLAIM#ticket         | CLAIM              | hold, entry and departure of a ticket    |
 * | ROOM#room#THROUGH#number       | CLAIM              | departure of a number of the open way    |
 * | ROOM#room#INVITATION#id        | INVITATION         | what it was used for                     |
 * | ROOM#room#HISTORY              | time, ms # kind    | history                                  |
 *
 * A partition bears 1,000 writes a second (DynamoDB quota). So counters and claims have partitions of
 * their own, and joins are spread over many of them. The house is one item in one partition, because its
 * conditions settle who gets a seat: a room lets in and out 1,000 people a second at most.
 */

/** The table's key attributes, and the one by which DynamoDB removes what has expired. */
export const TABLE_KEYS = { partition: 'pk', sort: 'sk', timeToLive: 'expiresAt' } as const

/** An item's key; its fields are named as `TABLE_KEYS` says. */
export interface Key {
  readonly pk: string
  readonly sk: string
}

/** How local servers make the table; the deployed one is made by the stack. */
export function tableDefinition(table: string) {
  return {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: [
      { AttributeName: TABLE_KEYS.partition, AttributeType: 'S' as const },
      { AttributeName: TABLE_KEYS.sort, AttributeType: 'S' as const },
    ],
    KeySchema: [
      { AttributeName: TABLE_KEYS.partition, KeyType: 'HASH' as const },
      { AttributeName: TABLE_KEYS.sort, KeyType: 'RANGE' as const },
    ],
  }
}

/** Partitions that are read as a whole, or from a sort key on. */
export const partitions = {
  listings: 'ROOMS',
  room: (room: string) => `ROOM#${room}`,
  history: (room: string) => `ROOM#${room}#HISTORY`,
}

/** The key of each kind of item. */
export const itemKey = {
  listing: (room: string): Key => ({ pk: partitions.listings, sk: room }),
  config: (room: string): Key => ({ pk: partitions.room(room), sk: 'CONFIG' }),
  state: (room: string): Key => ({ pk: partitions.room(room), sk: 'STATE' }),
  counter: (room: string, cohort: number, shard: number): Key => ({
    pk: `ROOM#${room}#COHORT#${cohort}#SHARD#${shard}`,
    sk: 'COUNTER',
  }),
  record: (room: string, cohort: number): Key => ({
    pk: `ROOM#${room}#COHORT#${cohort}`,
    sk: 'RECORD',
  }),
  house: (room: string): Key => ({ pk: `ROOM#${room}#HOUSE`, sk: 'HOUSE' }),
  claim: (room: string, ticketId: string): Key => ({
    pk: `ROOM#${room}#CLAIM#${ticketId}`,
    sk: 'CLAIM',
  }),
  openWay: (room: string, number: number): Key => ({
    pk: `ROOM#${room}#THROUGH#${number}`,
    sk: 'CLAIM',
  }),
  invitation: (room: string, invitationId: string): Key => ({
    pk: `ROOM#${room}#INVITATION#${invitationId}`,
    sk: 'INVITATION',
  }),
  history: (room: string, atMs: number, kind: string): Key => ({
    pk: partitions.history(room),
    sk: `${sortableTime(atMs)}#${kind}`,
  }),
}

/** Digits of a time in a sort key: enough for the largest time that JavaScript knows. */
const TIME_DIGITS = 16

/** A time as text that sorts like the number; times before 1970 count as 1970. */
export function sortableTime(timeMs: number): string {
  return String(Math.max(0, timeMs)).padStart(TIME_DIGITS, '0')
}
