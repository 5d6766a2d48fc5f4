import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createGroupCommit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { type Progress, runAction } from '#web/serving/actions.ts'
import { createLog } from '#web/serving/log.ts'
import { createTransfers } from '#web/serving/transfers.ts'
import type { Membership } from '../../node/actions/own-membership.ts'
import type { HubRequests } from '../../node/exchange-deps.ts'
import { createPublishing } from '../../node/publishing.ts'
import { createBlobs } from '../../node/store/blobs.ts'
import { MIGRATIONS } from '../../node/store/migrations.ts'
import type { Authority, TestMember } from '../kit/authority.ts'

/** What `publish` answers, as far as tests look at it. */
export interface Answer {
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly entry: string
  readonly bytes: number
  readonly chunks: number
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: string }[] } | null
  readonly proposed: boolean
  readonly state: string
  readonly unchanged: boolean
}

/** The publishing side of a node with real storage; `folder` of an earlier one to go on where it was cut off. */
export function openPublishingNode(
  authority: Authority,
  member: TestMember,
  hub: HubRequests,
  folder = mkdtempSync(join(tmpdir(), 'hanghui-publish-')),
) {
  const { clock, trust, tell } = authority.createPartyTrust()
  tell()
  const db = openDatabase(join(folder, 'node.db'), MIGRATIONS, { create: true })
  const blobs = createBlobs(join(folder, 'blobs'))
  const transfers = createTransfers(blobs.incoming)
  const progress: Progress[] = []
  const signing = () => member.pairs.at(-1)?.signing
  const publishing = createPublishing({
    clock,
    log: createLog({ level: 'silent', name: 'node' }),
    db,
    commit: createGroupCommit(db),
    journal: createJournal(db, clock),
    trust,
    keys: authority.agreementKeys,
    learnLine: async () => {},
    signer: () => ({ key: signing()?.key as never, thumbprint: signing()?.certificate.thumbprint as string }),
    hub,
    blobs,
    transfers,
    membership: (): Membership => ({
      member: member.id,
      name: member.id,
      memberClass: member.class,
      phase: 'construction',
    }),
    pinPaper: () => {},
    baseUrl: () => 'https://node.example:7543',
    changed: () => {},
  })
  const context = {
    via: { kind: 'control' } as const,
    progress: (one: Progress) => void progress.push(one),
    signal: new AbortController().signal,
  }
  const run = <T>(name: string, args: object = {}): Promise<T> =>
    runAction(publishing.actions, name, args, context) as Promise<T>

  return {
    member,
    folder,
    db,
    blobs,
    publishing,
    progress,
    run,
    /** Uploads the files and publishes them. */
    async publish(
      meta: object,
      files: Readonly<Record<string, Uint8Array | string>>,
      schema?: object,
    ): Promise<Answer> {
      const uploaded = await Promise.all(
        Object.entries(files).map(async ([name, bytes]) => {
          const { upload } = await transfers.receive(Readable.from([Buffer.from(bytes)]))
          return { name, upload }
        }),
      )
      return run<Answer>('publish', { meta, files: uploaded, ...(schema === undefined ? {} : { schema }) })
    },
    uploadsLeft: () => readdirSync(blobs.incoming).length,
    count: (table: string): number => (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n,
    close: () => db.close(),
    discard(): void {
      if (db.open) db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
