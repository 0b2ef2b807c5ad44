/** The command line. `npm run` changes the folder; file names start from where it was called. */
import { runCli } from '../lib/cli/main.ts'

const { env } = process
const called = env.npm_lifecycle_event === 'cli' ? env.INIT_CWD : undefined

// The SDK's warning about future versions of Node is for deployments. Here it would hide our own errors.
env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

// `head` closes the pipe when it has enough: that is no failure.
process.stdout.on('error', error => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
})

process.exitCode = await runCli(process.argv.slice(2), {
  env,
  folder: called ?? process.cwd(),
  input: process.stdin,
  output: text => process.stdout.write(text),
  complain: text => process.stderr.write(text),
})
