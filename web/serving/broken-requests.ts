import type { IncomingMessage, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { PROBLEM_TYPE } from './problem.ts'

/**
 * What never became a request (bad framing, oversize headers, time-outs): the problem object, and the connection ends.
 * Where even TLS did not come about an answer could never leave, and waiting for it would keep the connection for ever.
 */
export function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  const code = error.code ?? ''
  if (!(socket.writable && /^(HPE|ERR_HTTP)_/.test(code))) {
    socket.destroy()
    return
  }
  const { status, headers, body } = problemAnswer(BROKEN[code] ?? 'HTTP_INVALID', code)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
  socket.destroySoon()
}

const BROKEN: Readonly<Record<string, RefusalCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_SLOW',
}

/** An `Expect` other than 100-continue (RFC 9110 §10.1.1). */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = problemAnswer('EXPECTATION_UNKNOWN', '100-continue')
  response.writeHead(status, headers).end(body)
}

function problemAnswer(code: RefusalCode, rule: string) {
  const problem = new Refusal(code, { rule }).problem()
  const body = JSON.stringify(problem)
  const headers = {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
  }
  return { status: problem.status, headers, body }
}
