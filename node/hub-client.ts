import { Agent, type Dispatcher, request } from 'undici'
import { PkiError } from '#pki/error.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { clientTlsOptions, expectHub } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { checkCertificate } from '#schemas/certificates.ts'
import { parseJson } from '#schemas/json.ts'
import type { Root } from '#schemas/kinds.ts'
import { isRefusal, Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import type { TlsNow } from './exchange-deps.ts'

/** What the client has to know at the moment of each request. */
export interface HubSource {
  /** The newest root: its own authorities vouch for the hub, also when the directory has run out. */
  root(): Root
  /** Base URL of a listener. */
  address(listener: HubListener): string
  /** What we show on the member listener; undefined before enrolment. */
  identity(): TlsNow | undefined
  now(): Date
  /** The hub has answered. */
  seen?(): void
}

export type HubListener = 'member' | 'enrolment'

/** Requests to the hub. Throws its refusals, HUB_UNREACHABLE (`sent`: may have arrived), PEER_MISBEHAVED. */
export type HubClient = ReturnType<typeof createHubClient>

/** An answer that may be unchanged since `etag`. */
export type Fetched =
  | { readonly unchanged: true }
  | { readonly unchanged: false; readonly body: Buffer; readonly etag: string | undefined }

type Answer = Dispatcher.ResponseData<unknown>

const CONNECTIONS = 4
const CONNECT_MILLISECONDS = 10_000
const ANSWER_MILLISECONDS = 20_000
/** The hub says something at least every 10 s on a stream; three missed are a dead one. */
const STREAM_MILLISECONDS = 30_000
const ANSWER_BYTES = 64 * 1_048_576

/** Failures before anything of the request was sent. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

export function createHubClient(source: HubSource) {
  const agents = new Map<HubListener, { of: string; agent: Agent }>()

  /** The connection of this moment: after a renewal or a new root the next request opens another. */
  function agentFor(listener: HubListener): Agent {
    const root = source.root()
    const identity = listener === 'member' ? source.identity() : undefined
    if (listener === 'member' && identity === undefined) throw new Refusal('NOT_INITIALISED')
    const of = `${root.version} ${identity?.thumbprint}`
    const known = agents.get(listener)
    if (known?.of === of) return known.agent
    void known?.agent.close()
    const agent = openAgent(root, identity, () => source.now())
    agents.set(listener, { of, agent })
    return agent
  }

  async function ask(
    listener: HubListener,
    path: string,
    options: Partial<Dispatcher.RequestOptions>,
  ): Promise<Answer> {
    const url = new URL(path, source.address(listener))
    try {
      const answer: Answer = await request(url, { ...options, dispatcher: agentFor(listener) } as Parameters<
        typeof request
      >[1])
      source.seen?.()
      return answer
    } catch (error) {
      throw explain(error)
    }
  }

  async function askJson(
    listener: HubListener,
    path: string,
    options: Partial<Dispatcher.RequestOptions>,
  ): Promise<unknown> {
    const answer = await ask(listener, path, options)
    const body = await readBody(answer)
    if (answer.statusCode >= 200 && answer.statusCode < 300) return parseAnswer(body)
    throw refusalFromProblem(parseAnswer(body))
  }

  const post = (listener: HubListener, path: string, body: object) =>
    askJson(listener, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  return {
    get: (path: string): Promise<unknown> => askJson('member', path, { method: 'GET' }),
    post: (path: string, body: object): Promise<unknown> => post('member', path, body),
    getFrom: (listener: HubListener, path: string): Promise<unknown> => askJson(listener, path, { method: 'GET' }),
    postTo: post,
    /** Bytes of a resource, or that they have not changed since `etag`. */
    async fetch(path: string, etag?: string): Promise<Fetched> {
      const answer = await ask('member', path, {
        method: 'GET',
        headers: etag === undefined ? {} : { 'if-none-match': etag },
      })
      const body = await readBody(answer)
      if (answer.statusCode === 304) return { unchanged: true }
      if (answer.statusCode !== 200) throw refusalFromProblem(parseAnswer(body))
      const tag = answer.headers.etag
      return { unchanged: false, body, etag: typeof tag === 'string' ? tag : undefined }
    },
    /** How many seconds our clock is ahead of the hub's, by the time it answers with. */
    async measureSkew(): Promise<number> {
      const answer = await ask('member', '/.well-known/hanghui', { method: 'GET' })
      await readBody(answer)
      const theirs = Date.parse(String(answer.headers.date))
      if (Number.isNaN(theirs)) throw new Refusal('PEER_MISBEHAVED', { rule: 'an answer says when it was given' })
      return (source.now().getTime() - theirs) / 1000
    },
    /** The event stream; ends with an error when nothing comes for 30 s. */
    async openStream(path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
      const answer = await ask('member', path, {
        method: 'GET',
        signal,
        bodyTimeout: STREAM_MILLISECONDS,
        headers: { accept: 'text/event-stream' },
      })
      if (answer.statusCode !== 200) throw refusalFromProblem(parseAnswer(await readBody(answer)))
      return answer.body as AsyncIterable<Buffer>
    },
    /** Cuts what is under way; a request after it opens a connection anew. */
    async close(): Promise<void> {
      const open = [...agents.values()]
      agents.clear()
      await Promise.all(open.map(({ agent }) => agent.destroy()))
    },
  }
}

function openAgent(root: Root, identity: TlsNow | undefined, now: () => Date): Agent {
  return new Agent({
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    headersTimeout: ANSWER_MILLISECONDS,
    bodyTimeout: ANSWER_MILLISECONDS,
    connect: {
      ...clientTlsOptions({
        identity: identity ?? 'none',
        serverCas: ownCas(root),
        expect: (chain) => expectThisHub(chain, root, now()),
      }),
      timeout: CONNECT_MILLISECONDS,
    },
  })
}

/** The network's own authorities alone speak for the hub: external ones may write any role into a certificate. */
function ownCas({ cas }: Root): Uint8Array[] {
  return cas.filter(({ kind }) => kind === 'embedded').flatMap(({ certificates }) => certificates.map(fromBase64url))
}

/** Protocol 3.2: a chain to a listed CA and the hub's role, under the closed profile. */
function expectThisHub(chain: readonly Certificate[], root: Root, now: Date): void {
  expectHub()(chain)
  const [leaf] = chain
  checkCertificate(
    (leaf as Certificate).der,
    'tls-server',
    root.cas.filter(({ kind }) => kind === 'embedded'),
    now,
  )
}

async function readBody({ body }: Answer): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of body) {
      bytes += (piece as Buffer).length
      if (bytes > ANSWER_BYTES) throw new Refusal('PEER_MISBEHAVED', { rule: 'an answer has a reasonable size' })
      pieces.push(piece as Buffer)
    }
  } catch (error) {
    throw explain(error)
  }
  return Buffer.concat(pieces)
}

function parseAnswer(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch {
    throw new Refusal('PEER_MISBEHAVED', { rule: 'an answer is JSON' })
  }
}

/** Whatever kept us from an answer. Who is not the hub is refused by name, everything else means that it is away. */
function explain(error: unknown): Error {
  if (isRefusal(error)) return error
  const found = causeOf(error)
  if (isRefusal(found)) return found
  if (found instanceof PkiError) return new Refusal(found.code, { rule: found.rule, sent: false })
  const { code, name, message } = found as NodeJS.ErrnoException
  if (name === 'AbortError') return found as Error
  const reason = (code ?? message ?? '').slice(0, 80)
  return new Refusal('HUB_UNREACHABLE', { reason, sent: !UNSENT.has(code ?? '') })
}

function causeOf(error: unknown): unknown {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error && !(error instanceof PkiError) ? causeOf(cause) : error
}
