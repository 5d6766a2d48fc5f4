import { Agent, type Dispatcher, request } from 'undici'
import { PkiError } from '#pki/error.ts'
import { clientTlsOptions } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { parseJson } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isRefusal, Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import { lookupAllowed, requireAllowedAddress } from './check-address.ts'
import { requirePace } from './require-pace.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'tls'> & {
  /** Ends whatever is under way. */
  readonly signal: AbortSignal
}

/** Requests to one owner's exchange listener. Throws the owner's refusals, OWNER_UNREACHABLE, PEER_MISBEHAVED. */
export type OwnerConnection = ReturnType<typeof openOwnerConnection>

/** A range to fetch: `to` is included. */
export interface RangeRequest {
  readonly path: string
  readonly grant: string
  readonly sha256: string
  readonly from: number
  readonly to: number
  readonly fileBytes: number
  readonly signal: AbortSignal
}

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
  const { hostname, origin } = new URL(endpoint)
  const literal = /^(?:\d+\.){3}\d+$|^\[.*\]$/.test(hostname)
  const agent = new Agent({
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    headersTimeout: HEADERS_MILLISECONDS,
    bodyTimeout: LIMITS.idleTransferMilliseconds,
    connect: {
      ...clientTlsOptions({
        identity: tls(),
        serverCas: listedCas(trust.root().cas),
        expect: ([leaf]) => requireAllowed(leaf?.thumbprint),
      }),
      timeout: CONNECT_MILLISECONDS,
      lookup: lookupAllowed(policy),
    },
  })

  /** Asked at each handshake; a listed certificate must also count at this moment (Protocol 3.1). */
  function requireAllowed(thumbprint: string | undefined): void {
    if (thumbprint === undefined || !allowed.has(thumbprint))
      throw new Refusal('CERTIFICATE_IDENTITY', { rule: "the owner's node shows a certificate of the owner" })
    trust.requireCertificate(thumbprint, 'tls')
  }

  async function send(
    method: Dispatcher.HttpMethod,
    path: string,
    headers: Record<string, string>,
    body?: string,
    signal = ending,
  ) {
    try {
      if (literal) requireAllowedAddress(hostname.replace(/^\[|\]$/g, ''), policy())
      const response = await request(`${origin}${path}`, {
        dispatcher: agent,
        method,
        headers,
        body: body ?? null,
        signal,
      })
      if (response.statusCode >= 400)
        throw refusalFromProblem(parseAnswer(await readAll(response.body, LIMITS.controlBodyBytes)))
      if (!(response.statusCode >= 200 && response.statusCode < 300)) {
        response.body.destroy()
        throw new Refusal('PEER_MISBEHAVED', { status: response.statusCode })
      }
      return response
    } catch (error) {
      throw explain(error)
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
    /** Bytes of one range as they arrive; a reader that keeps less than the least pace is cut off (threats D9). */
    async *getRange({ path, grant, sha256, from, to, fileBytes, signal }: RangeRequest): AsyncGenerator<Buffer> {
      const headers = {
        authorization: `Hanghui-Grant ${grant}`,
        range: `bytes=${from}-${to}`,
        'if-match': `"${sha256}"`,
      }
      const { statusCode, headers: given, body } = await send('GET', path, headers, undefined, signal)
      const fits =
        statusCode === 206 &&
        given['content-range'] === `bytes ${from}-${to}/${fileBytes}` &&
        given['content-encoding'] === undefined
      if (!fits) {
        body.destroy()
        throw new Refusal('PEER_MISBEHAVED', { rule: 'a range is answered with that range' })
      }
      try {
        yield* requirePace(body, LIMITS.idleTransferMilliseconds)
      } catch (error) {
        throw explain(error)
      } finally {
        body.destroy()
      }
    },
    close: (): Promise<void> => agent.destroy(),
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

function parseAnswer(bytes: Buffer): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    throw isRefusal(error) ? new Refusal('PEER_MISBEHAVED', { cause: error.code }) : error
  }
}

async function refusingBroken<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw explain(error)
  }
}

const TLS_CODES: Readonly<Record<string, 'CERTIFICATE_IDENTITY' | 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_UNTRUSTED'>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'CERTIFICATE_IDENTITY',
  CERT_HAS_EXPIRED: 'CERTIFICATE_EXPIRED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'CERTIFICATE_UNTRUSTED',
  SELF_SIGNED_CERT_IN_CHAIN: 'CERTIFICATE_UNTRUSTED',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'CERTIFICATE_UNTRUSTED',
}

/** What went wrong on the wire as a refusal; an abort of our own stays what it is. */
function explain(error: unknown): unknown {
  if (isRefusal(error)) return error
  if (error instanceof PkiError) return new Refusal(error.code, { rule: error.rule })
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (name === 'AbortError') return error
  const tls = typeof code === 'string' ? TLS_CODES[code] : undefined
  if (tls !== undefined) return new Refusal(tls, { cause: code })
  if (typeof code !== 'string') return error
  return new Refusal('OWNER_UNREACHABLE', { cause: code })
}
