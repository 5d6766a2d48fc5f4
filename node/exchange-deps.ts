import type { FastifyBaseLogger } from 'fastify'
import type { TlsIdentity } from '#pki/tls.ts'
import type { Clock } from '#schemas/clock.ts'
import type { KeyStep } from '#schemas/continuity.ts'
import type { Signer } from '#schemas/document.ts'
import type { Agreement, CatalogEntry, Manifest } from '#schemas/kinds.ts'
import type { ProofMaterial } from '#schemas/proof.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Cause, Party, State } from '#schemas/transitions.ts'
import type { Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import type { Blobs } from './store/blobs.ts'

/** An agreement of ours with all that was said about it since. */
export interface AgreementRecord {
  readonly id: string
  /** General JSON form with every signature it has by now. */
  readonly text: string
  readonly payload: Agreement
  readonly state: State
  readonly cause: Cause | null
  readonly suspendedBy: readonly Party[]
  /** Who ended it, when TERMINATED by a change. */
  readonly endedBy: Party | null
  /** Member → certificate (hex) it signed with, or the one that the other party's newest `resume` named. */
  readonly signers: ReadonlyMap<string, string>
}

/** A published version of a dataset of ours. */
export interface OwnVersion {
  /** Id of the manifest. */
  readonly manifest: string
  readonly text: string
  readonly payload: Manifest
}

/** A catalog entry or tombstone of ours, as far as a right depends on it. */
export interface OwnEntry {
  readonly id: string
  readonly sequence: number
  /** Undefined for a tombstone: the dataset is withdrawn. */
  readonly payload: CatalogEntry | undefined
}

/** What an exchange needs to know of agreements; a pull rests on nothing else. */
export interface KnownAgreements {
  find(id: string): AgreementRecord | undefined
  /** All of one consumer on one dataset; asked on every request, so by an index. */
  between(consumer: string, dataset: string): readonly AgreementRecord[]
  /** Every agreement this node is a party of. */
  list(): readonly AgreementRecord[]
}

/** What is published here. */
export interface OwnDatasets {
  findVersion(dataset: string, version?: number): OwnVersion | undefined
  findManifest(manifest: string): OwnVersion | undefined
  findEntry(id: string): OwnEntry | undefined
  /** Newest entry or tombstone of a dataset. */
  newestEntry(dataset: string): OwnEntry | undefined
}

/** The hub's member listener. Throws the hub's refusal, HUB_UNREACHABLE, PEER_MISBEHAVED. */
export interface HubRequests {
  get(path: string): Promise<unknown>
  post(path: string, body: object): Promise<unknown>
}

/** What the TLS side shows at this moment. */
export interface TlsNow extends TlsIdentity {
  /** SHA-256 of the certificate, hex. */
  readonly thumbprint: string
}

/** Everything the exchange is given by `main`. */
export interface ExchangeDeps {
  readonly member: string
  readonly clock: Clock
  readonly log: FastifyBaseLogger
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly journal: Journal
  readonly trust: Trust
  readonly keys: AgreementKeys
  readonly blobs: Blobs
  readonly agreements: KnownAgreements
  readonly datasets: OwnDatasets
  readonly hub: HubRequests
  readonly signer: () => Signer
  readonly tls: () => TlsNow
  /** A member's certificate (base64url DER) and the request it came from (hex): registered now, or kept from earlier. */
  readonly findCertificate: (
    thumbprint: string,
  ) => { readonly certificate: string; readonly request: string } | undefined
  /** Fetches the certificates that a member's present ones descend from; HUB_UNREACHABLE. */
  readonly learnLine: (member: string) => Promise<void>
  /** Fetches root, directory and status once (at most every 5 s), before an unknown certificate is refused. */
  readonly refreshTrust: () => Promise<void>
  /**
   * Inside the transaction that stores a paper: its signers' certificates and the directory of its time are kept for ever.
   * Contract, Old signatures.
   */
  readonly pinPaper: (text: string) => void
  /** Roots and directories kept, for proof files (Protocol 7). */
  readonly proofMaterial: () => ProofMaterial
  /** A handle under which the command line may fetch this file. */
  readonly offerFile: (path: string) => string
  /** Brings the agreements up to date with the hub; HUB_UNREACHABLE. */
  readonly refreshAgreements: () => Promise<void>
}

/** Steps of key lines as fetched; each proves itself when it is followed. */
export type FetchStep = (name: string) => Promise<KeyStep>
