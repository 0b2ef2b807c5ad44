/**
 * The script that says goodbye: `<script src="/antichambre/left.js" async></script>` on each page of
 * the showroom. It knows that a page goes, not why, so it keeps silent wherever the visitor may still
 * be here, and takes back what was wrong:
 *
 * * another page of the showroom is open in this browser: each page keeps a sign of life in the local
 *   storage, taken away when it goes; one that crashed counts as open for `OPEN_MS`;
 * * a link or form of this site was just used (with the Navigation API also a script's navigation):
 *   it is the next page that goes on;
 * * the page may come back from the back/forward cache;
 * * a reload, or an address typed by hand, looks like a goodbye. The next page finds the note of it
 *   and says "back", a little later, so that it arrives after the goodbye.
 *
 * It is text, not a module: it runs in browsers, and a bundler must not lose it.
 */
export const LEFT_SCRIPT = `(() => {
  'use strict'
  const script = document.currentScript
  if (!script || self !== top || !navigator.sendBeacon) return
  const url = new URL(script.src)
  if (url.origin !== location.origin) return

  const OPEN_MS = 900000
  const SIGN_MS = 60000
  const NAVIGATION_MS = 10000
  const BACK_MS = 2000

  const prefix = 'antichambre ' + url.pathname + ' '
  const pages = prefix + 'page '
  const own = pages + Math.random().toString(36).slice(2)
  const goodbye = prefix + 'goodbye'
  const send = name => navigator.sendBeacon(new URL(name, url).href)

  let store
  try {
    store = localStorage
    store.setItem(own, Date.now())
  } catch {
    return
  }

  const here = () => {
    try {
      store.setItem(own, Date.now())
    } catch {}
    if (store.getItem(goodbye) !== null) setTimeout(back, BACK_MS)
  }
  const back = () => {
    if (store.getItem(goodbye) === null) return
    store.removeItem(goodbye)
    send('back')
  }
  const isAnotherOpen = () => {
    const others = Array.from({ length: store.length }, (_, at) => store.key(at)).filter(
      key => key.startsWith(pages) && key !== own,
    )
    const isOld = key => Math.abs(Date.now() - store.getItem(key)) >= OPEN_MS
    const old = others.filter(isOld)
    for (const key of old) store.removeItem(key)
    return others.length > old.length
  }

  let staysUntilMs = 0
  const goOn = address => {
    try {
      if (new URL(address, document.baseURI).origin !== location.origin) return
      staysUntilMs = Date.now() + NAVIGATION_MS
    } catch {}
  }
  const used = (element, name) => {
    const target = element.getAttribute('target')
    if (!target || target === '_self') goOn(element.getAttribute(name) || '')
  }
  addEventListener('click', event => {
    const link = event.target.closest && event.target.closest('a[href]')
    if (link && !event.defaultPrevented) used(link, 'href')
  })
  addEventListener('submit', event => {
    const { target, submitter, defaultPrevented } = event
    if (defaultPrevented) return
    if (submitter && submitter.hasAttribute('formaction')) used(submitter, 'formaction')
    else used(target, 'action')
  })
  if (self.navigation) {
    navigation.addEventListener('navigate', event => {
      const { url, sameDocument } = event.destination
      if (!sameDocument && event.downloadRequest === null) goOn(url)
    })
  }

  addEventListener('pageshow', here)
  document.addEventListener('visibilitychange', () => document.hidden || here())
  setInterval(here, SIGN_MS)
  addEventListener('pagehide', event => {
    store.removeItem(own)
    if (event.persisted || Date.now() < staysUntilMs || isAnotherOpen()) return
    try {
      store.setItem(goodbye, Date.now())
    } catch {
      return
    }
    send('left')
  })
  here()
})()
`
