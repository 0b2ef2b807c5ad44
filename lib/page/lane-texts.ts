/** What both pages say to those who have had their turn, or stand before a closed room. */

export const HELD = {
  heading: 'The next free seat is yours',
  lead: [
    'It is your turn, and every seat in the showroom is taken just now. As soon as one is free, this page takes you in by itself.',
    'Keep it open; there is nothing else to do. Your turn is kept, however long this takes.',
  ],
} as const

export const MISSED = {
  heading: 'Your turn has passed',
  lead: [
    'Your place came up, and its time ran out before you went in. But your ticket is kept: this page takes you in by itself as soon as there is a seat to spare.',
    'Keep it open; there is nothing else to do.',
  ],
} as const

export const CLOSED = {
  heading: 'Closed for the moment',
  lead: [
    'Something is being put right here, and nobody is let in meanwhile. This page looks again by itself every minute or two, and goes on as soon as the room is open.',
  ],
} as const

export const PLACE_KEPT = 'Your place is kept.'
