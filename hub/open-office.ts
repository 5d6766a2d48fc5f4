import { createClock, type ReadClock } from '#schemas/clock.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import { createTrust } from '#schemas/trust.ts'
import { verifyNextRoot, verifyRootLine } from '#schemas/verify-root.ts'
import type { Logger } from '#web/serving/log.ts'
import { alignAffiliates } from './actions/maintain.ts'
import { createOnlineKeys } from './actions/online-keys.ts'
import { requireOperator } from './actions/operators.ts'
import { createPublisher, type Publisher } from './actions/publish-trust.ts'
import { raiseAlarm } from './actions/raise-alarm.ts'
import type { Office } from './actions/sign-statement.ts'
import type { HubConfig } from './config.ts'
import type { HubDeps } from './deps.ts'
import type { ArchivedCertificate } from './exchange.ts'
import { createRegistry } from './registry.ts'
import type { Keyring } from './store/keyring.ts'
import { lastSigned } from './store/last-signed.ts'
import { createRoots } from './store/roots.ts'

/** What runs after something happened, in order. */
export type Hooks = (() => void)[]

/** Runs each; what one of them throws is logged, since what happened has happened. */
export function runAll(hooks: Readonly<Hooks>, log: Logger): void {
  for (const run of hooks) {
    try {
      run()
    } catch (error) {
      log.error({ err: error }, 'what follows a change failed')
    }
  }
}

/** The register with the places where others hang on: `onRoot` after a new root, `onTrust` after a newer directory or status list counts. */
export interface OpenOffice extends Office {
  readonly onRoot: Hooks
  readonly onTrust: Hooks
}

/** A data folder, locked and opened. */
export interface OpenedFolder {
  readonly dir: string
  readonly config: HubConfig
  readonly log: Logger
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly keyring: Keyring
  readonly readClock: ReadClock
}

/** The register with its keys, directory and status list up to date. */
export async function openOffice({
  dir,
  config,
  log,
  db,
  commit,
  keyring,
  readClock,
}: OpenedFolder): Promise<{ office: OpenOffice; publisher: Publisher }> {
  // The floor is what this hub last signed; the lists are stored before anybody sees them, so nothing more is to be kept.
  const signed = lastSigned(db)
  requireClock(readClock, signed)
  const clock = createClock(readClock, signed, () => {})
  const roots = createRoots(db).all()
  const first = roots[0]
  if (first === undefined) throw new Refusal('NOT_INITIALISED', { path: dir })
  const trust = createTrust(
    verifyRootLine(
      roots.map(({ text }) => text),
      verifyNextRoot(first.text, undefined).fingerprint,
    ),
    clock,
    config.limits,
  )
  const registry = createRegistry({
    dataDir: dir,
    config,
    log,
    clock,
    db,
    commit,
    journal: createJournal(db, clock),
    trust,
    keyring,
  })
  const keys = createOnlineKeys(registry)
  const publisher = createPublisher(registry, keys, () => runAll(onTrust, log))
  const onRoot: Hooks = []
  const onTrust: Hooks = []
  const office: OpenOffice = {
    ...registry,
    keys,
    onRoot,
    onTrust,
    published: publisher.published,
    rootInstalled: () => runAll(onRoot, log),
  }
  await commit(() => office.places.leaveRestored())
  await alignAffiliates(office)
  await publisher.published()
  return { office, publisher }
}

/** A clock behind our own last signature by more than the skew would sign what everybody refuses. */
function requireClock(readClock: ReadClock, signed: number): void {
  const now = Math.floor(readClock() / 1000)
  if (!(signed <= now + LIMITS.clockSkewSeconds))
    throw new Refusal('CLOCK_SKEW', { signed, now, rule: 'the clock is behind what this hub last signed' })
}

/** What the exchange is given of the register. */
export function depsOf(r: Office, transfers: HubDeps['transfers']): HubDeps {
  return {
    dataDir: r.dataDir,
    log: r.log,
    clock: r.clock,
    db: r.db,
    commit: r.commit,
    journal: r.journal,
    trust: r.trust,
    transfers,
    contents: r.contents,
    signer: r.keys.signer,
    places: r.places,
    published: r.published,
    findArchived: (thumbprint) => findArchived(r, thumbprint),
    requireOperator: (name, role) => requireOperator(r, name, role),
    directoryChanged() {
      r.due.directory = true
    },
    raiseAlarm: (kind, subject, summary) => raiseAlarm(r, kind, subject, summary),
  }
}

function findArchived(r: Office, thumbprint: string): ArchivedCertificate | undefined {
  const row = r.certificates.find(thumbprint)
  if (row === undefined) return undefined
  const { member, use, der, notBefore, notAfter } = row
  const pair = r.certificates.findPair(row.request)
  const revoked =
    pair?.state === 'revoked' ? { since: pair.since ?? 0, compromised: pair.compromised === 1 } : undefined
  return { member, use, der, notBefore, notAfter, revoked }
}
