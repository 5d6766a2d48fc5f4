import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { GrantHolder } from './hold-grants.ts'
import { type OwnerConnection, openOwnerConnection } from './owner-connection.ts'
import type { AgreedLine, ReadAgreedLine } from './read-agreed-line.ts'
import { createRetryOwner, type RetryOwner } from './retry-owner.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'tls' | 'refreshTrust'> & {
  readonly readAgreedLine: ReadAgreedLine
  readonly grantHolder: GrantHolder
  readonly waits: readonly number[]
}

/** One owner, one agreement, for the time of a pull or of its papers. */
export interface OwnerSession {
  readonly agreement: AgreementRecord
  readonly line: AgreedLine
  readonly retry: RetryOwner
  readonly signal: AbortSignal
  /** The connection for the certificates of this moment; ours or the owner's may have been renewed since the last. */
  connect(): Promise<OwnerConnection>
  close(): Promise<void>
}

export type OpenSession = (agreement: AgreementRecord, signal: AbortSignal) => Promise<OwnerSession>

export function createOpenSession({ trust, tls, refreshTrust, readAgreedLine, grantHolder, waits }: Deps): OpenSession {
  return async (agreement, signal) => {
    const line = await readAgreedLine(agreement)
    const retry = createRetryOwner({ grantHolder, agreement, signal, waits, refreshTrust })
    let open: { readonly connection: OwnerConnection; readonly of: string } | undefined

    async function connect(): Promise<OwnerConnection> {
      const of = `${tls().thumbprint} ${trust.directory()?.id}`
      if (open?.of === of) return open.connection
      const { endpoint, allowed } = await findOwner(line)
      const old = open
      open = { connection: openOwnerConnection({ trust, tls, signal }, endpoint, allowed), of }
      await old?.connection.close()
      return open.connection
    }

    return { agreement, line, retry, signal, connect, close: async () => open?.connection.close() }
  }

  /** Where the owner's node is and which of its certificates may answer: registered, and in the line we agreed with. */
  async function findOwner(line: AgreedLine): Promise<{ endpoint: string; allowed: ReadonlySet<string> }> {
    trust.requireFreshDirectory()
    const member = trust.findMember(line.owner)
    if (member === undefined) throw new Refusal('MEMBER_UNKNOWN', { member: line.owner })
    if (member.endpoint === null)
      throw new Refusal('OWNER_UNREACHABLE', { member: line.owner, rule: 'the owner has no address in the directory' })
    const allowed = new Set<string>()
    let broken: unknown = new Refusal('CERTIFICATE_UNREGISTERED', { member: line.owner })
    for (const { thumbprint, use } of member.certificates) {
      if (use !== 'tls') continue
      try {
        await line.requireOwner(thumbprint)
        allowed.add(thumbprint)
      } catch (error) {
        if (!isRefusal(error)) throw error
        broken = error
      }
    }
    if (allowed.size === 0) throw broken
    return { endpoint: member.endpoint, allowed }
  }
}
