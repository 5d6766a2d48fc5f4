import { once } from 'node:events'
import { createServer } from 'node:net'
import { DEFAULT_PORTS, LISTENERS, type ListenerName } from '../config.ts'

/** Ports of the listeners: in a row from `base`, free ones for 0, the usual ones without it. */
export async function choosePorts(base: number | undefined, host: string): Promise<Record<ListenerName, number>> {
  if (base === undefined) return DEFAULT_PORTS
  const ports = base === 0 ? await freePorts(host) : LISTENERS.map((_, index) => base + index)
  return Object.fromEntries(LISTENERS.map((name, index) => [name, ports[index]])) as Record<ListenerName, number>
}

/** Free ports of this moment, all held at once so that none is given twice. */
async function freePorts(host: string): Promise<number[]> {
  const servers = LISTENERS.map(() => createServer())
  for (const server of servers) await once(server.listen(0, host), 'listening')
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  for (const server of servers) await once(server.close(), 'close')
  return ports
}
