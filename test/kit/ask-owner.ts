import { Agent } from 'undici'
import { clientTlsOptions } from '#pki/tls.ts'
import type { ExchangeWorld } from './exchange-world.ts'
import type { MemberPair } from './member-pairs.ts'
import { type Asking, sendAndRead } from './send.ts'

/** A bare client with a member's certificates: what a hostile consumer can send. */
export function openAsker(world: ExchangeWorld, pair: MemberPair) {
  const { authority, owner } = world
  const identity = { key: pair.tls.key, chain: [pair.tls.certificate.der, authority.issuing.der] }
  const agent = new Agent({
    connections: 60,
    connect: clientTlsOptions({ identity, serverCas: authority.cas, expect: () => {} }),
  })

  return {
    ask: (path: string, asking?: Asking) => sendAndRead(agent, `${owner.member.endpoint}${path}`, asking),
    async [Symbol.asyncDispose]() {
      await agent.destroy()
    },
  }
}
