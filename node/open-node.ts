import { join } from 'node:path'
import { type Clock, createClock, type ReadClock } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import { createAlarms } from '#schemas/storage/alarms.ts'
import { createGroupCommit } from '#schemas/storage/group-commit.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { type OpenDatabase, openDatabase } from '#schemas/storage/open-database.ts'
import { environment } from '#web/serving/config.ts'
import type { Logger } from '#web/serving/log.ts'
import { readPassphrase } from '#web/serving/passphrase.ts'
import { createTransfers } from '#web/serving/transfers.ts'
import { createLearnLine } from './actions/learn-line.ts'
import { openTrust } from './actions/open-trust.ts'
import { createMembership } from './actions/own-membership.ts'
import { createPartyKeys, findCertificate } from './actions/party-keys.ts'
import { createPinPaper, createProofMaterial } from './actions/proof-material.ts'
import { createAlarmBell } from './actions/raise-alarm.ts'
import type { NodeConfig } from './config.ts'
import type { NodeDeps } from './deps.ts'
import { createHubClient } from './hub-client.ts'
import { openIdentity } from './identity.ts'
import { createBlobs } from './store/blobs.ts'
import { createCertificates } from './store/certificates.ts'
import { createFacts } from './store/facts.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { createPairs } from './store/pairs.ts'
import { createPapers } from './store/papers.ts'
import { createTrustTexts } from './store/trust-texts.ts'

/**
 * Opens a node's folder, which this process has locked: database, keys, trust as last accepted. Nothing is asked of the hub.
 * NOT_INITIALISED, KEY_PERMISSIONS, KEY_UNREADABLE, DATABASE_*.
 */
export function openNode(dataDir: string, config: NodeConfig, log: Logger, readClock: ReadClock): NodeDeps {
  const db = openDatabase(join(dataDir, 'node.db'), MIGRATIONS, { create: false })
  try {
    return putTogether(db, { dataDir, config, log, readClock })
  } catch (error) {
    db.close()
    throw error
  }
}

interface Opening {
  readonly dataDir: string
  readonly config: NodeConfig
  readonly log: Logger
  readonly readClock: ReadClock
}

function putTogether(db: OpenDatabase, { dataDir, config, log, readClock }: Opening): NodeDeps {
  const stores = {
    facts: createFacts(db),
    texts: createTrustTexts(db),
    certificates: createCertificates(db),
    papers: createPapers(db),
    pairs: createPairs(db),
    alarms: createAlarms(db),
  }
  const { facts, texts } = stores
  const member = facts.find('member')
  if (member === undefined) throw new Refusal('NOT_INITIALISED', { dataDir })
  const passphrase = readPassphrase(dataDir, { file: config.passphraseFile, env: environment() })
  const identity = openIdentity({ pairs: stores.pairs, keys: join(dataDir, 'keys'), passphrase })
  const clock: Clock = createClock(readClock, facts.findNumber('floor'), (floor) => facts.set('floor', floor))
  const journal = createJournal(db, clock)
  const commit = createGroupCommit(db)
  const trust = openTrust({ texts, facts, clock, limits: config.limits, log })
  /** At most once a minute: it is for people. */
  let seenAt = 0
  const noteSeen = () => {
    if (clock.now() - seenAt < 60) return
    seenAt = clock.now()
    facts.set('hub-seen', seenAt)
  }
  const hub = createHubClient({
    root: trust.root,
    address: (listener) => facts.get(listener === 'member' ? 'hub' : 'enrolment'),
    identity: identity.tls,
    now: clock.date,
    seen: () => noteSeen(),
  })
  return {
    dataDir,
    config,
    member,
    passphrase,
    clock,
    log,
    db,
    commit,
    journal,
    trust,
    keys: createPartyKeys({ trust, certificates: stores.certificates, clock }),
    identity,
    signer: identity.signer,
    tls: identity.tls,
    hub,
    blobs: createBlobs(join(dataDir, 'blobs')),
    transfers: createTransfers(join(dataDir, 'blobs', 'incoming')),
    bell: createAlarmBell({ alarms: stores.alarms, clock, commit, journal, log }),
    membership: createMembership({ trust, facts }),
    findCertificate: (thumbprint) => findCertificate({ trust, certificates: stores.certificates }, thumbprint),
    learnLine: createLearnLine({ trust, hub, commit, certificates: stores.certificates, now: clock.now }),
    pinPaper: createPinPaper(stores),
    proofMaterial: createProofMaterial({ trust, texts }),
    stores,
  }
}
