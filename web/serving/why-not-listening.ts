import type { RefusalFacts } from '#schemas/refusal.ts'

const NO_PLACE = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN'])

/** A port that is taken or not ours to take, a host that is none of this machine: a matter of settings. Undefined for anything else. */
export function whyNotListening(error: unknown): RefusalFacts | undefined {
  const {
    code = '',
    address,
    hostname,
    port,
  } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly hostname?: string
    readonly port?: number
  }
  const at = hostname ?? (port === undefined ? undefined : `${address}:${port}`)
  if (!NO_PLACE.has(code) || at === undefined) return undefined
  const detail = { zh: `无法监听 ${at}（${code}）`, en: `Cannot listen on ${at} (${code})` }
  return { address: at, rule: 'a free port and an address of this machine', detail }
}
