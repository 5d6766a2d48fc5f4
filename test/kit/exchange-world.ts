import type { Terms } from '#schemas/kinds.ts'
import { type Authority, createAuthority, type TestTime } from './authority.ts'
import { type ExchangeNode, startExchangeNode } from './exchange-node.ts'

export const MIB = 1024 * 1024
const MEMBERS = { owner: '51100000PDY00001X3', consumer: '11100000PDY0090060', stranger: '51100000PDY0000283' } as const

/** An owner that serves and a consumer that pulls, over real mutual TLS, with a hub on paper. */
export interface ExchangeWorld extends AsyncDisposable {
  readonly time: TestTime
  readonly authority: Authority
  readonly owner: ExchangeNode
  readonly consumer: ExchangeNode
  /** Brings every node to the authority's newest directory and status list. */
  tellAll(): void
  /** Stops a node without further ado and starts it again on the same folder. */
  restart(which: 'owner' | 'consumer', folder?: string): Promise<void>
}

export async function createExchangeWorld(): Promise<ExchangeWorld> {
  const time: TestTime = { now: Date.now() }
  const authority = await createAuthority(time)
  const members = {
    owner: await authority.enrol(MEMBERS.owner, 'association'),
    consumer: await authority.enrol(MEMBERS.consumer, 'department'),
  }
  await authority.enrol(MEMBERS.stranger, 'association')
  authority.sign()
  const nodes = {
    owner: await startExchangeNode(authority, members.owner),
    consumer: await startExchangeNode(authority, members.consumer),
  }
  await nodes.owner.listen()
  authority.sign()
  const tellAll = () => {
    nodes.owner.tell()
    nodes.consumer.tell()
  }
  tellAll()

  return {
    time,
    authority,
    get owner() {
      return nodes.owner
    },
    get consumer() {
      return nodes.consumer
    },
    tellAll,
    async restart(which, folder) {
      const old = nodes[which]
      await old.close()
      if (folder !== undefined) old.discard()
      nodes[which] = await startExchangeNode(authority, members[which], folder ?? old.folder)
      nodes[which].versions.push(...old.versions)
      nodes[which].entries.push(...old.entries)
      for (const [id, record] of old.agreements) nodes[which].agreements.set(id, record)
      if (which === 'owner') await nodes.owner.listen()
    },
    async [Symbol.asyncDispose]() {
      for (const node of Object.values(nodes)) {
        await node.close()
        node.discard()
      }
    },
  }
}

/** An agreement of the world's two parties on an entry of the owner: signed as its path demands, final. */
export function makeAgreement(
  { authority, owner, consumer }: ExchangeWorld,
  entry: string,
  more: { terms?: Partial<Terms>; sharing?: 'unconditional' | 'conditional'; hub?: boolean } = {},
) {
  const dataset = owner.entries.find(({ id }) => id === entry)?.payload?.dataset as string
  const sharing = more.sharing ?? 'unconditional'
  const signers = [
    ...(sharing === 'conditional' ? [{ role: 'owner' as const, signer: owner.signer() }] : []),
    { role: 'consumer' as const, signer: consumer.signer() },
  ]
  const terms: Terms = { purpose: '统计分析', files: 'all', until: '2099-12-31T16:00:00Z', pulls: null, ...more.terms }
  return authority.makeAgreement({
    consumer: consumer.member.id,
    owners: [owner.member.id],
    dataset,
    entry,
    sharing,
    terms,
    signers,
    ...(more.hub === undefined ? {} : { hub: more.hub }),
  })
}
