import { toRfc3339 } from '#schemas/clock.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import type { Status } from '#schemas/status-list.ts'
import type { NodeDeps } from '../deps.ts'

/** What the parts add to `status`. */
export interface StatusSource {
  readonly exchange: () => {
    readonly openPulls: number
    readonly runningTransfers: number
    readonly unfiledReceipts: number
  }
  readonly outbox: () => number
  readonly streaming: () => boolean
  readonly listeners: () => Readonly<Record<string, string>>
}

/** How we stand where the hub refuses us so. */
export const REFUSES_US = {
  MEMBER_SUSPENDED: 'suspended',
  CERTIFICATE_SUSPENDED: 'suspended',
  CERTIFICATE_REVOKED: 'revoked',
} as const satisfies { readonly [C in RefusalCode]?: Status }

/**
 * The worst of what the directory says of us, what the status list says of our own certificate and how the hub refuses us:
 * a suspended member gets neither list anew, and one that never stood has no directory with its name. Null: nothing is known.
 */
export function ownStanding({
  trust,
  member,
  identity,
  stores: { facts },
}: Pick<NodeDeps, 'trust' | 'member' | 'identity' | 'stores'>): Status | null {
  const entry = trust.findMember(member)
  const own = trust.findRegistered(identity.signer().thumbprint)
  const refused = REFUSES_US[facts.find('refused') as keyof typeof REFUSES_US]
  if (entry === undefined || own === undefined) return refused ?? null
  const said: (Status | undefined)[] = [
    entry.standing,
    trust.status() === undefined ? 'good' : trust.statusOf(own.registered.status),
    refused,
  ]
  return said.includes('revoked') ? 'revoked' : said.includes('suspended') ? 'suspended' : 'good'
}

/** `hanghui node status`: one look at identity, trust and what is under way. Times RFC 3339 UTC. */
export function reportStatus(deps: NodeDeps, source: StatusSource): object {
  const { member, membership, trust, identity, clock, config, stores } = deps
  const { name, memberClass, phase } = membership()
  const directory = trust.directory()?.payload
  const status = trust.status()?.payload
  const pair = identity.pair()
  const seen = stores.facts.find('hub-seen')
  return {
    member,
    name,
    class: memberClass,
    phase,
    standing: ownStanding(deps),
    net: trust.net,
    fingerprint: trust.roots().at(-1)?.fingerprint,
    endpoint: config.endpoint,
    listeners: source.listeners(),
    time: clock.stamp(),
    certificates: {
      number: pair.number,
      tls: identity.tls().thumbprint,
      signing: identity.signer().thumbprint,
      until: toRfc3339(pair.notAfter),
    },
    root: trust.root().version,
    directory:
      directory === undefined
        ? null
        : { version: directory.version, issued: toRfc3339(directory.iat), expires: toRfc3339(directory.exp) },
    status:
      status === undefined
        ? null
        : { version: status.version, issued: toRfc3339(status.iat), expires: toRfc3339(status.exp) },
    hub: {
      address: stores.facts.find('hub') ?? null,
      streaming: source.streaming(),
      seen: seen === undefined ? null : toRfc3339(Number(seen)),
    },
    outbox: source.outbox(),
    ...source.exchange(),
    alarms: stores.alarms.standing().length,
  }
}
