import { isIP } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { clientTlsOptions } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import { lookupAllowed, requireAllowedAddress } from './check-address.ts'
import { explainWire } from './explain-wire.ts'
import { parseAnswer } from './parse-answer.ts'
import type { RangeRequest, TakePiece } from './range-answer.ts'
import { openRangeConnection, type RangeConnection } from './range-connection.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'tls'> & {
  /** Ends whatever is under way. */
  readonly signal: AbortSignal
}

/** Requests to one owner's exchange listener. Throws the owner's refusals, OWNER_UNREACHABLE, PEER_MISBEHAVED. */
export type OwnerConnection = ReturnType<typeof openOwnerConnection>

const ANSWER_BYTES = 2 * 1024 * 1024
const CONNECTIONS = 6
const CONNECT_MILLISECONDS = 10_000
const HEADERS_MILLISECONDS = 20_000

/**
 * Mutual TLS to an owner's node. `allowed` are the TLS certificates (hex) that may answer: registered for the owner and in
 * line with the key we agreed with. Redirects are never followed; the address is checked again at each connecting.
 */
export function openOwnerConnection(
  { trust, tls, signal: ending }: Deps,
  endpoint: string,
  allowed: ReadonlySet<string>,
) {
  const policy = () => {
    const directory = trust.directory()
    if (directory === undefined) throw new Refusal('DIRECTORY_STALE')
    return directory.payload.policy
  }
  const { hostname, origin, port } = new URL(endpoint)
  const host = hostname.replace(/^\[|\]$/g, '')
  const { allowH2, maxCachedSessions, ...secure } = clientTlsOptions({
    identity: tls(),
    serverCas: listedCas(trust.root().cas),
    expect: ([leaf]) => requireAllowed(leaf?.thumbprint),
  })
  const lookup = lookupAllowed(policy)
  const idle: RangeConnection[] = []
  const ranges = new Set<RangeConnection>()
  const agent = new Agent({
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    headersTimeout: HEADERS_MILLISECONDS,
    bodyTimeout: LIMITS.idleTransferMilliseconds,
    connect: { ...secure, allowH2, maxCachedSessions, timeout: CONNECT_MILLISECONDS, lookup },
  })

  /** Asked at each handshake; a listed certificate must also count at this moment (Protocol 3.1). */
  function requireAllowed(thumbprint: string | undefined): void {
    if (thumbprint === undefined || !allowed.has(thumbprint))
      throw new Refusal('CERTIFICATE_IDENTITY', { rule: "the owner's node shows a certificate of the owner" })
    trust.requireCertificate(thumbprint, 'tls')
  }

  /** A literal address is never looked up. */
  function requireAllowedHost(): void {
    if (isIP(host)) requireAllowedAddress(host, policy())
  }

  async function send(method: Dispatcher.HttpMethod, path: string, headers: Record<string, string>, body?: string) {
    try {
      requireAllowedHost()
      const response = await request(`${origin}${path}`, {
        dispatcher: agent,
        method,
        headers,
        body: body ?? null,
        signal: ending,
      })
      if (response.statusCode >= 400)
        throw refusalFromProblem(parseAnswer(await readAll(response.body, LIMITS.controlBodyBytes)))
      if (!(response.statusCode >= 200 && response.statusCode < 300)) {
        response.body.destroy()
        throw new Refusal('PEER_MISBEHAVED', { status: response.statusCode })
      }
      return response
    } catch (error) {
      throw explainWire(error)
    }
  }

  return {
    async get(path: string, grant: string): Promise<Buffer> {
      const { body } = await send('GET', path, { authorization: `Hanghui-Grant ${grant}` })
      return refusingBroken(() => readAll(body, ANSWER_BYTES))
    },
    /** `grant` undefined: papers about a pull ask for none. */
    async post(path: string, content: object, grant?: string): Promise<unknown> {
      const headers = {
        'content-type': 'application/json',
        ...(grant === undefined ? {} : { authorization: `Hanghui-Grant ${grant}` }),
      }
      const { body } = await send('POST', path, headers, JSON.stringify(content))
      return parseAnswer(await refusingBroken(() => readAll(body, ANSWER_BYTES)))
    },
    /** One range, see {@link RangeConnection}; the connection serves for the next one. */
    async getRange(asked: RangeRequest, take: TakePiece): Promise<void> {
      requireAllowedHost()
      const kept = idle.pop()
      const connection = kept?.open ? kept : openRangeConnection({ ...secure, host, port: Number(port || 443), lookup })
      ranges.add(connection)
      try {
        await connection.getRange(asked, take)
        idle.push(connection)
      } catch (error) {
        connection.close()
        ranges.delete(connection)
        throw error
      }
    },
    async close(): Promise<void> {
      for (const connection of ranges) connection.close()
      await agent.destroy()
    },
  }
}

function listedCas(cas: readonly { readonly certificates: readonly string[] }[]): Uint8Array[] {
  return cas.flatMap(({ certificates }) => certificates.map((text) => fromBase64url(text)))
}

async function readAll(body: AsyncIterable<Buffer> & { destroy(): unknown }, mostBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > mostBytes) {
      body.destroy()
      throw new Refusal('PEER_MISBEHAVED', { rule: 'the answer is longer than allowed', mostBytes })
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function refusingBroken<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw explainWire(error)
  }
}
