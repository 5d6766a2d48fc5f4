import { createWriteStream, existsSync } from 'node:fs'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import type { Progress } from './actions.ts'
import { findControlAddress } from './control-address.ts'

/** node:http and not undici: a command should start at once. */
export interface CallOptions {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** Asks the running server to do an action. Refusals come back as they were thrown; NOT_RUNNING, NOT_INITIALISED. */
export async function callControl(
  dataDir: string,
  action: string,
  args: object,
  { onProgress, signal }: CallOptions = {},
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', accept: 'application/x-ndjson' }
  const { request, answer } = open(dataDir, 'POST', `/control/${action}`, headers, signal)
  request.end(JSON.stringify(args))
  const response = await answer
  if (response.statusCode !== 200) throw await refusalIn(response)
  return lastLine(response, onProgress)
}

async function lastLine(response: IncomingMessage, onProgress: CallOptions['onProgress']): Promise<unknown> {
  // readline rethrows what ends its input, and leaves the event itself without a listener.
  response.on('error', () => {})
  try {
    for await (const text of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = JSON.parse(text) as { progress?: Progress; problem?: unknown; result?: unknown }
      if (line.progress !== undefined) onProgress?.(line.progress)
      else if (line.problem !== undefined) throw refusalFromProblem(line.problem)
      else return line.result
    }
  } catch (error) {
    if (!isBroken(error)) throw error
  }
  // The server died while it worked: whether the action took place is to be seen after its restart.
  throw new Refusal('NOT_RUNNING')
}

/** Sends a stream of any length; what comes back is named in a later action's arguments. */
export async function uploadFile(
  dataDir: string,
  stream: Readable,
  onBytes: (done: number) => void = () => {},
): Promise<{ upload: string; bytes: number }> {
  const { request, answer } = open(dataDir, 'POST', '/control/uploads', { 'content-type': 'application/octet-stream' })
  // A pipeline destroys its parts with the first failure: who fails first is whose failure it is.
  let first: 'file' | 'server' | undefined
  const stop = new AbortController()
  stream.once('error', () => {
    first ??= 'file'
  })
  request.once('error', () => {
    first ??= 'server'
  })
  request.once('response', () => {
    first ??= 'server'
    stop.abort()
  })
  try {
    // `end: false` spares the request: a server that refuses while we send is still to be heard.
    await pipeline(stream, counter(onBytes), request, { end: false, signal: stop.signal })
    request.end()
  } catch (error) {
    if (first === 'file') {
      request.destroy()
      throw error
    }
  }
  const response = await answer
  if (response.statusCode !== 200) throw await refusalIn(response)
  return (await answerIn(response)) as { upload: string; bytes: number }
}

/** Fetches an offered file to `path`, which must not exist; flushed to disk when it resolves. Returns its bytes. */
export async function downloadFile(
  dataDir: string,
  handle: string,
  path: string,
  onBytes: (done: number) => void = () => {},
  mode = 0o600,
): Promise<number> {
  const { request, answer } = open(dataDir, 'GET', `/control/files/${handle}`, {})
  request.end()
  const response = await answer
  if (response.statusCode !== 200) throw await refusalIn(response)
  let bytes = 0
  const count = counter((done) => {
    bytes = done
    onBytes(done)
  })
  await pipeline(response, count, createWriteStream(path, { flags: 'wx', flush: true, mode })).catch(
    (error: unknown) => {
      throw isBroken(error) ? new Refusal('NOT_RUNNING', { dataDir }) : error
    },
  )
  return bytes
}

function open(
  dataDir: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): { request: ClientRequest; answer: Promise<IncomingMessage> } {
  const request = httpRequest({
    socketPath: findControlAddress(dataDir),
    method,
    path,
    headers,
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  })
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, dataDir)))
    // A broken pipeline closes it without a word.
    request.once('close', () => reject(new Refusal('NOT_RUNNING', { dataDir })))
  })
  // An upload learns of a failure from its pipeline first; the same failure here must not end the process unheard.
  answer.catch(() => {})
  return { request, answer }
}

/** The server went away in the middle, of a line of its answer too. */
function isBroken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return (
    error instanceof SyntaxError || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
  )
}

/** No socket, one that nobody listens on any more, or (EINVAL) a path too long to be one, where `control` would name another. */
function explain(error: NodeJS.ErrnoException, dataDir: string): Error {
  if (!['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTSOCK', 'EPIPE', 'EINVAL'].includes(error.code ?? '')) return error
  return new Refusal(existsSync(join(dataDir, 'config.toml')) ? 'NOT_RUNNING' : 'NOT_INITIALISED', { dataDir })
}

async function refusalIn(response: IncomingMessage): Promise<Refusal> {
  return refusalFromProblem(await answerIn(response))
}

/** NOT_RUNNING for one that broke off: the server died while it wrote. */
async function answerIn(response: IncomingMessage): Promise<unknown> {
  let text = ''
  response.setEncoding('utf8')
  try {
    for await (const part of response) text += part as string
    return JSON.parse(text)
  } catch (error) {
    throw isBroken(error) ? new Refusal('NOT_RUNNING') : error
  }
}

function counter(onBytes: (done: number) => void): Transform {
  let done = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length
      onBytes(done)
      next(null, chunk)
    },
  })
}
