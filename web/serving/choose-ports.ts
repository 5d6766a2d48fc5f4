import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { Refusal } from '#schemas/refusal.ts'

/** Below what systems hand out to connections going out (Linux: from 32768): a server stopped for a moment finds its port again. */
const FIRST = 18_000
const BEYOND = 32_000
const triesMost = 200

/** Ports by listener: in a row from `base`, free ones for 0. CONFIG_INVALID where nothing is free. */
export async function choosePorts<const N extends string>(
  listeners: readonly N[],
  base: number,
  host: string,
): Promise<Record<N, number>> {
  const ports = base === 0 ? await freePorts(listeners.length, host) : listeners.map((_, index) => base + index)
  return Object.fromEntries(listeners.map((name, index) => [name, ports[index]])) as Record<N, number>
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
    throw error
  }
}
