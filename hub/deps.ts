import type { FastifyInstance } from 'fastify'
import type { Clock } from '#schemas/clock.ts'
import type { Signer } from '#schemas/document.ts'
import type { Payload } from '#schemas/kinds.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { Status } from '#schemas/status-list.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal, JournalRow } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Actions } from '#web/serving/actions.ts'
import type { Logger } from '#web/serving/log.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import type { ExchangeDeps } from './exchange.ts'
import type { Contents } from './store/contents.ts'

/** What an operator may be; no one holds all (contract, Roles). */
export const ROLES = ['registrar', 'approver', 'auditor', 'administrator'] as const
export type Role = (typeof ROLES)[number]

/** A person's word: who, by which door, why. `reason` is '' where none is demanded and none was given. */
export interface Deciding {
  readonly operator: string
  readonly via: Payload<'decision'>['by'][number]['via']
  readonly reason: string
}

/** One thing that waits for a person at the hub. `since` is RFC 3339. */
export interface QueueItem {
  readonly id: string
  readonly kind: 'admission' | 'agreement'
  readonly role: Role
  readonly since: string
  readonly summary: Text
}

/** Who fills the queue with one kind of thing, and knows how it is decided. Each checks roles itself. */
export interface QueueSource {
  list(): readonly QueueItem[]
  /** At most three ids that begin with `prefix`, decided or not. */
  idsLike(prefix: string): readonly string[]
  approve(id: string, by: Deciding): Promise<{ id: string; state: string }>
  refuse(id: string, by: Deciding): Promise<{ id: string; state: string }>
}

/** What `suspend`, `resume` and `terminate` may name besides a member. Each checks roles itself. */
export interface StandingSource {
  idsLike(prefix: string): readonly string[]
  suspend(id: string, by: Deciding): Promise<{ id: string; state: string }>
  resume(id: string, by: Deciding): Promise<{ id: string; state: string }>
  terminate(id: string, by: Deciding): Promise<{ id: string; state: string }>
}

/** Who hears of a journal row: nobody by event, all members, or these. */
export type Audience = 'none' | 'everyone' | readonly string[]

/** What the exchange brings into the hub once it is registered. */
export interface ExchangePart {
  readonly queue: QueueSource
  readonly standing: StandingSource
  /** Commands: `catalog`, `agreements`. */
  readonly actions: Actions
  /** Routes of the member listener, behind `requireCaller`. */
  member(app: FastifyInstance): void | Promise<void>
  /** Routes of the public listener. */
  public(app: FastifyInstance): void | Promise<void>
  /** Undefined for a row that is not the exchange's. `everyone` becomes the event `catalog` with the row's seq as version. */
  audienceOf(row: JournalRow): Audience | undefined
  /** Work of a timer, every few seconds: agreements that end, the index that follows the journal. */
  tick(): void | Promise<void>
  close(): void | Promise<void>
}

/** What every part of the hub is given: built once in `main.ts`. */
export interface HubDeps extends ExchangeDeps {
  readonly dataDir: string
  readonly log: Logger
  readonly clock: Clock
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly journal: Journal
  readonly trust: Trust
  readonly transfers: Transfers
  readonly contents: Contents
  signer(purpose: 'directory' | 'grant'): Signer
  readonly places: { allocate(): number; set(place: number, status: Status): void }
  /** Resolves once directory and status list say what the store says; await it before answering that something counts. */
  published(): Promise<void>
  /** Inside a transaction: the directory is to be signed anew after it. */
  directoryChanged(): void
  /** Inside a transaction: something for people to look at; the same kind and subject once only. */
  raiseAlarm(kind: string, subject: string, summary: Text): void
}
