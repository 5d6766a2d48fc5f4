import type { Clock } from '#schemas/clock.ts'
import type { Signer } from '#schemas/document.ts'
import type { ProofMaterial } from '#schemas/proof.ts'
import type { Alarms } from '#schemas/storage/alarms.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Logger } from '#web/serving/log.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import type { Membership } from './actions/own-membership.ts'
import type { KnownCertificate, PartyKeys } from './actions/party-keys.ts'
import type { AlarmBell } from './actions/raise-alarm.ts'
import type { NodeConfig } from './config.ts'
import type { TlsNow } from './exchange-deps.ts'
import type { HubClient } from './hub-client.ts'
import type { Identity } from './identity.ts'
import type { Blobs } from './store/blobs.ts'
import type { Certificates } from './store/certificates.ts'
import type { Facts } from './store/facts.ts'
import type { Pairs } from './store/pairs.ts'
import type { Papers } from './store/papers.ts'
import type { TrustTexts } from './store/trust-texts.ts'

/** What every part of a node is given: built once by `open-node.ts`. */
export interface NodeDeps {
  readonly dataDir: string
  readonly config: NodeConfig
  readonly member: string
  readonly passphrase: string
  readonly clock: Clock
  readonly log: Logger
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly journal: Journal
  readonly trust: Trust
  readonly keys: PartyKeys
  readonly identity: Identity
  readonly signer: () => Signer
  readonly tls: () => TlsNow
  readonly hub: HubClient
  readonly blobs: Blobs
  readonly transfers: Transfers
  readonly bell: AlarmBell
  /** Who we are, from the newest directory. */
  readonly membership: () => Membership
  readonly findCertificate: (thumbprint: string) => KnownCertificate | undefined
  /** Fetches the certificates that a member's present ones descend from; for signatures older than what we have seen. */
  readonly learnLine: (member: string) => Promise<void>
  /** Inside the transaction that stores a paper: what verifies it later is kept for ever. */
  readonly pinPaper: (text: string) => void
  readonly proofMaterial: () => ProofMaterial
  readonly stores: {
    readonly facts: Facts
    readonly texts: TrustTexts
    readonly certificates: Certificates
    readonly papers: Papers
    readonly pairs: Pairs
    readonly alarms: Alarms
  }
}
