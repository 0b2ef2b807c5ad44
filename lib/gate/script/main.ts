/**
 * `<script src="/antichambre-gate.js" data-room="cars" data-room-url="https://wait.example"></script>`, first
 * in the head and neither async nor deferred: everybody sees what stands before it.
 */
import { ROOM_ID } from '../../queue/limits.ts'
import { hide, tell } from './curtain.ts'
import { type ScriptGateOptions, stand } from './gate.ts'

/** A page in a frame belongs to the page around it, which has a gate of its own. */
if (self === top) begin(optionsOf(document.currentScript?.dataset ?? {}))

function begin(options: ScriptGateOptions | undefined): void {
  if (options === undefined) {
    hide()
    tell('wrong-setup', undefined)
    return
  }
  void stand(options)
  // the back button shows a page as it was left, and its session may be over by now
  addEventListener('pageshow', event => {
    if (event.persisted) void stand(options)
  })
}

function optionsOf(data: DOMStringMap): ScriptGateOptions | undefined {
  const { room = '', roomUrl = '', way } = data
  if (!ROOM_ID.test(room) || !/^https?:\/\/[^/]/i.test(roomUrl)) return undefined
  return {
    room,
    roomUrl: roomUrl.replace(/\/+$/, ''),
    way: way === 'through' ? 'through' : 'page',
  }
}
