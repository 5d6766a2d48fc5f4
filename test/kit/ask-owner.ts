import { Agent, request } from 'undici'
import { clientTlsOptions } from '#pki/tls.ts'
import type { ExchangeWorld } from './exchange-world.ts'
import type { MemberPair } from './member-pairs.ts'

/** A bare client with a member's certificates: what a hostile consumer can send. */
export interface Asking {
  readonly grant?: string
  readonly headers?: Record<string, string>
  readonly body?: object
}

/** What came back; `code` of a problem, '' otherwise. */
export interface Answered {
  readonly status: number
  readonly code: string
  readonly bytes: Buffer
  readonly json: Record<string, unknown>
}

export function openAsker(world: ExchangeWorld, pair: MemberPair) {
  const { authority, owner } = world
  const identity = { key: pair.tls.key, chain: [pair.tls.certificate.der, authority.issuing.der] }
  const agent = new Agent({
    connections: 60,
    connect: clientTlsOptions({ identity, serverCas: authority.cas, expect: () => {} }),
  })

  return {
    async ask(path: string, { grant, headers = {}, body }: Asking = {}): Promise<Answered> {
      const response = await request(`${owner.member.endpoint}${path}`, {
        dispatcher: agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(grant === undefined ? {} : { authorization: `Hanghui-Grant ${grant}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const bytes = Buffer.from(await response.body.arrayBuffer())
      const isJson = String(response.headers['content-type']).includes('json')
      const json = isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {}
      return { status: response.statusCode, code: String(json.code ?? ''), bytes, json }
    },
    async [Symbol.asyncDispose]() {
      await agent.destroy()
    },
  }
}
