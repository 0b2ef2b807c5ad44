/**
 * The inside of a Lambda function's environment: loads the handler, asks for one event after the other,
 * and tells how each ended. It does what AWS's own client for Node does (`aws-lambda-ric` 4), but for
 * that one's native part, which asks a compiler of whoever installs it; log lines are those of the
 * JSON format that the stack chose.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER, AWS_LAMBDA_LOG_LEVEL } = process.env
const API = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let requestId = '-'

patchConsole()
const handler = await load()
for (;;) {
  const { event, context } = await next()
  requestId = context.awsRequestId
  try {
    await tell(`invocation/${requestId}/response`, (await handler(event, context)) ?? null)
  } catch (error) {
    console.error(asError(error))
    await tell(`invocation/${requestId}/error`, formatted(error))
  }
}

async function load() {
  const [file, name] = _HANDLER.split('.')
  try {
    const module = await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${file}.mjs`)).href)
    if (typeof module[name] !== 'function') throw new Error(`${_HANDLER} is not a function`)
    // A callback is what Node 24 on Lambda takes no more.
    if (module[name].length >= 3) throw new Error(`${_HANDLER} takes a callback`)
    return module[name]
  } catch (error) {
    console.error(asError(error))
    await tell('init/error', formatted(error))
    process.exit(1)
  }
}

async function next() {
  const { headers, body } = await ask('GET', 'invocation/next')
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms'])
  const { env } = process
  const context = {
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  }
  return { event: JSON.parse(body), context }
}

/** @throws when the other side did not take it: a client that goes on then has lost its way. */
async function tell(path, value) {
  const { status } = await ask('POST', path, JSON.stringify(value))
  if (status !== 202) throw new Error(`${path}: ${status}`)
}

function ask(method, path, body = '') {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const call = request(`${API}/${path}`, { method, agent, headers }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => {
        resolve({ status: answer.statusCode, headers: answer.headers, body: text })
      })
    })
    call.on('error', reject).end(body)
  })
}

function asError(error) {
  return error instanceof Error ? error : new Error(String(error))
}

function formatted(error) {
  const { name, message, stack = '' } = asError(error)
  return { errorType: name, errorMessage: message, trace: stack.split('\n') }
}

function patchConsole() {
  for (const level of LEVELS) {
    console[level.toLowerCase()] = (message, ...more) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(AWS_LAMBDA_LOG_LEVEL)) return
      const line = { timestamp: new Date().toISOString(), level, requestId }
      // One thing is kept as it is, several become a text.
      const told = more.length === 0 ? message : format(message, ...more)
      const text = JSON.stringify({ ...line, message: told }, whole).replaceAll('\n', '\r')
      process.stdout.write(`${text}\n`)
    }
  }
  console.log = console.info
}

/** JSON knows nothing of errors. */
function whole(_, value) {
  if (!(value instanceof Error)) return value
  const { name, message, stack = '' } = value
  return { errorType: name, errorMessage: message, stackTrace: stack.split('\n'), ...value }
}
