/** The browser of the tests: the Chromium of an npm package on Linux x64, an installed Chrome elsewhere. */
import packaged from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** It stays on this machine: no updates, no accounts, no reports. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

export async function launchBrowser(): Promise<Browser> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const executablePath = await packaged.executablePath()
    // Not the package's own arguments: they are for functions, put everything into one process, which
    // dies with the first closed context, and switch off the web's safety that is tested here.
    return chromium.launch({ executablePath, args: QUIET })
  }
  return chromium.launch({ channel: 'chrome', args: QUIET })
}
