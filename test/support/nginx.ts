/** A real nginx with the recipe's own file, of which nothing is changed but ports and folder. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Debian installs it where only root looks. */
const program = ['nginx', '/usr/sbin/nginx'].find(
  name => spawnSync(name, ['-v'], { stdio: 'ignore' }).status === 0,
)

export const hasNginx = program !== undefined
export const NGINX = hasNginx
  ? 'nginx'
  : 'nginx, which is not installed here (apt-get install nginx)'

export interface Nginx {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

/**
 * @param gatePort where the service listens that nginx asks.
 * @param port a free one if none is given.
 */
export async function startNginx(gatePort: number, port?: number): Promise<Nginx> {
  const listenPort = port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-nginx-'))
  // the workers of a server that root started are somebody else
  chmodSync(folder, 0o755)
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const site = examples('site/index.html')
  file('index.html', readFileSync(site, 'utf8'))
  const recipe = replaced(readFileSync(examples('showroom.conf'), 'utf8'), [
    ['listen 8088;', `listen 127.0.0.1:${listenPort};`],
    ['server 127.0.0.1:9000;', `server 127.0.0.1:${gatePort};`],
    ['root /var/www/showroom;', `root ${folder};`],
  ])
  const main = file('nginx.conf', surroundings(file('showroom.conf', recipe), folder))
  const child = spawn(program ?? 'nginx', ['-e', 'stderr', '-p', folder, '-c', main], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', chunk => {
    complaints += chunk
  })
  const ended = once(child, 'exit')
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${complaints}`)
    return fetch(`http://127.0.0.1:${listenPort}/antichambre-check`).then(
      answer => answer.status === 404,
      () => false,
    )
  })
  return {
    port: listenPort,
    url: `http://localhost:${listenPort}`,
    async close() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What the distribution's own nginx.conf does around the files of its folder conf.d. */
function surroundings(recipe: string, folder: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  )
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  types { text/html html; }
  access_log off;
  ${paths.join('\n  ')}
  include ${recipe};
}
`
}

function replaced(text: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((changed, [from, to]) => {
    if (changed.split(from).length !== 2) throw new Error(`the recipe does not say once: ${from}`)
    return changed.replace(from, to)
  }, text)
}

function examples(name: string): string {
  return fileURLToPath(new URL(`../../examples/nginx/${name}`, import.meta.url))
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 200; look++) {
    if (await isDone()) return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error('nginx did not start')
}
