import { randomInt } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { Refusal } from '#schemas/refusal.ts'
import { whyNotListening } from './why-not-listening.ts'

/** Below what systems hand out to connections going out (Linux: from 32768): a server stopped for a moment finds its port again. */
const FIRST = 18_000
const BEYOND = 32_000
const triesMost = 200

const LAST = 65_535

/**
 * For `init`: ports by listener, in a row from `base`, free ones for 0, without it the usual ones. USAGE where these are
 * none or the host has no address; CONFIG_INVALID where nothing is free.
 */
export async function choosePorts<N extends string>(
  usual: Readonly<Record<N, number>>,
  base: number | undefined,
  host: string,
): Promise<Readonly<Record<N, number>>> {
  await lookup(host).catch(refuse)
  if (base === undefined) return usual
  const listeners = Object.keys(usual) as N[]
  if (!(base + listeners.length - 1 <= LAST)) throw beyond(base, listeners.length)
  const ports = base === 0 ? await freePorts(listeners.length, host) : listeners.map((_, index) => base + index)
  return Object.fromEntries(listeners.map((name, index) => [name, ports[index]])) as Record<N, number>
}

function beyond(base: number, count: number): Refusal {
  const detail = {
    zh: `从 ${base} 起的 ${count} 个端口超出 ${LAST}`,
    en: `${count} ports from ${base} go beyond ${LAST}`,
  }
  return new Refusal('USAGE', { rule: `--ports is at most ${LAST + 1 - count}`, detail })
}

/** What was typed as `--host` is no address of this machine. */
function refuse(error: unknown): never {
  const why = whyNotListening(error)
  throw why === undefined ? error : new Refusal('USAGE', why)
}

/** Free ports of this moment, all held at once so that none is given twice. */
async function freePorts(count: number, host: string): Promise<number[]> {
  const held = new Map<number, Server>()
  try {
    for (let tries = 0; held.size < count && tries < triesMost; tries++) {
      const port = randomInt(FIRST, BEYOND)
      const server = held.has(port) ? undefined : await hold(port, host)
      if (server !== undefined) held.set(port, server)
    }
  } finally {
    for (const server of held.values()) await once(server.close(), 'close')
  }
  if (held.size < count)
    throw new Refusal('CONFIG_INVALID', { host, rule: 'an address of this machine with free ports' })
  return [...held.keys()]
}

/** Undefined where the port is taken. */
async function hold(port: number, host: string): Promise<Server | undefined> {
  const server = createServer()
  try {
    await once(server.listen(port, host), 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    return refuse(error)
  }
}
