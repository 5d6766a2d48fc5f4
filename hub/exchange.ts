import type { Clock } from '#schemas/clock.ts'
import type { Signer } from '#schemas/document.ts'
import type { Status } from '#schemas/status-list.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Trust } from '#schemas/trust.ts'
import { type Agreements, createAgreements } from './store/agreements.ts'
import { createDocuments, type Documents } from './store/documents.ts'
import { createEntries, type Entries } from './store/entries.ts'
import { createPulls, type Pulls } from './store/pulls.ts'
import { createStandings, type Standings } from './store/standings.ts'

/** A certificate that was registered once, whatever became of it. Times are Unix seconds. */
export interface ArchivedCertificate {
  readonly member: string
  readonly use: 'tls' | 'signing'
  readonly der: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  /** From when it does not count any more; undefined while not revoked. */
  readonly revoked?: { readonly since: number; readonly compromised: boolean } | undefined
}

/** An operator who holds the role that was asked for. */
export interface Operator {
  readonly name: string
  /** The member this person belongs to: on its agreements they do not decide. */
  readonly member: string | null
}

/** What the exchange asks of the rest of the hub. */
export interface ExchangeDeps {
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly journal: Journal
  readonly clock: Clock
  readonly trust: Trust
  /** The online key in use for a purpose. */
  signer(purpose: 'directory' | 'grant'): Signer
  /** Places of the status list; both inside the caller's transaction. */
  readonly places: { allocate(): number; set(place: number, status: Status): void }
  /** A certificate registered now or before. */
  findArchived(thumbprint: string): ArchivedCertificate | undefined
  /** OPERATOR_UNKNOWN or ROLE_REQUIRED unless this person holds the role. */
  requireOperator(name: string, role: 'approver'): Operator
  /** Resolves once directory and status list say what the store says. */
  published(): Promise<void>
}

/** The exchange: what it was given, and its stores. */
export interface Exchange extends ExchangeDeps {
  readonly documents: Documents
  readonly entries: Entries
  readonly agreements: Agreements
  readonly standings: Standings
  readonly pulls: Pulls
}

/** Prepares the exchange's statements once. */
export function createExchange(deps: ExchangeDeps): Exchange {
  const { db } = deps
  return {
    ...deps,
    documents: createDocuments(db),
    entries: createEntries(db),
    agreements: createAgreements(db),
    standings: createStandings(db),
    pulls: createPulls(db),
  }
}
