import type { FastifyInstance } from 'fastify'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import { callerOf, isGoodCaller } from '#web/serving/require-caller.ts'
import type { Broadcast } from '../actions/broadcast.ts'

/** A node needs one; a restarted one may leave a dead one behind for a heartbeat. */
const STREAMS_OF_A_MEMBER = 4
/** A reader that lets this much pile up has stopped reading; it comes back and catches up. */
const BACKLOG_BYTES = 65_536
const HEARTBEAT_MILLISECONDS = (LIMITS.heartbeatSeconds - 1) * 1_000

export interface EventsDeps {
  readonly trust: Pick<Trust, 'requireCertificate'>
  readonly broadcast: Broadcast
}

/** Protocol 2.6: server-sent events, ended when the certificate stops being good. */
export function routeEvents(app: FastifyInstance, { trust, broadcast }: EventsDeps): void {
  // It never ends: no HEAD.
  app.get('/v1/events', { exposeHeadRoute: false }, async (request, reply) => {
    const { member, thumbprint } = callerOf(request)
    if (!(broadcast.countOf(member.id) < STREAMS_OF_A_MEMBER))
      throw new Refusal('RATE_LIMITED', { streams: STREAMS_OF_A_MEMBER })
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })

    const write = (text: string): void => {
      // Asked at every line: an open stream outlives a revocation.
      if (isGoodCaller(trust, thumbprint) && raw.writableLength <= BACKLOG_BYTES) raw.write(text)
      else end()
    }
    const end = (): void => {
      clearInterval(heartbeat)
      leave()
      forget()
      if (raw.writableEnded) return
      raw.end()
      raw.socket?.destroySoon()
    }
    const heartbeat = setInterval(() => write(':\n\n'), HEARTBEAT_MILLISECONDS)
    heartbeat.unref()
    let leave = (): void => {}
    const forget = app.endOnClose(end)
    raw.once('close', end)
    leave = broadcast.join({
      member: member.id,
      send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      check: () => void (isGoodCaller(trust, thumbprint) || end()),
    })
  })
}
