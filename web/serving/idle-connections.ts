import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const SWEEP_MILLISECONDS = 2_000

/**
 * Connections of callers that were let in. One that rests while its certificate stops being good is closed within
 * seconds, without waiting for a next request (threats A2). Answers under way are left to those who write them:
 * transfers and event streams end by their own checks.
 */
export function createIdleConnections(isGood: (thumbprint: string) => boolean) {
  const open = new Map<Socket, { readonly thumbprint: string; requests: number }>()
  let timer: NodeJS.Timeout | undefined

  function sweep(): void {
    for (const [socket, { thumbprint, requests }] of open)
      if (requests === 0 && !isGood(thumbprint)) socket.destroySoon()
  }

  function known(socket: Socket, thumbprint: string) {
    const found = open.get(socket)
    if (found !== undefined) return found
    const made = { thumbprint, requests: 0 }
    open.set(socket, made)
    timer ??= setInterval(sweep, SWEEP_MILLISECONDS).unref()
    socket.once('close', () => {
      open.delete(socket)
      if (open.size > 0) return
      clearInterval(timer)
      timer = undefined
    })
    return made
  }

  return {
    /** A request of this caller has come over this connection, and is answered by `response`. */
    answering(socket: Socket, thumbprint: string, response: ServerResponse): void {
      const connection = known(socket, thumbprint)
      connection.requests++
      response.once('close', () => void connection.requests--)
    },
  }
}
