import type { Clock } from '#schemas/clock.ts'
import { type Alarms, createAlarms } from '#schemas/storage/alarms.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubConfig } from './config.ts'
import { type Audit, createAudit } from './store/audit.ts'
import { type Certificates, createCertificates } from './store/certificates.ts'
import { type Codes, createCodes } from './store/codes.ts'
import { type Contents, createContents } from './store/contents.ts'
import { type Crls, createCrls } from './store/crls.ts'
import { createDirectories, type Directories } from './store/directories.ts'
import { createFacts, type Facts } from './store/facts.ts'
import type { Keyring } from './store/keyring.ts'
import { createMembers, type Members } from './store/members.ts'
import { createOperators, type Operators } from './store/operators.ts'
import { createPlaces, type Places } from './store/places.ts'
import { createRoots, type Roots } from './store/roots.ts'
import { createTrustDocuments, type TrustDocuments } from './store/trust-documents.ts'

/** What is signed anew after the next commit. */
export interface Due {
  directory: boolean
  status: boolean
}

/** The register of members, keys and people: what every action on them is given. */
export interface Registry {
  readonly dataDir: string
  readonly config: HubConfig
  readonly log: Logger
  readonly clock: Clock
  readonly db: OpenDatabase
  readonly commit: Commit
  readonly journal: Journal
  readonly trust: Trust
  readonly keyring: Keyring
  readonly due: Due
  readonly facts: Facts
  readonly roots: Roots
  readonly directories: Directories
  readonly places: Places
  readonly documents: TrustDocuments
  readonly members: Members
  readonly certificates: Certificates
  readonly codes: Codes
  readonly operators: Operators
  readonly alarms: Alarms
  readonly crls: Crls
  readonly contents: Contents
  readonly audit: Audit
}

/** Prepares the statements of all stores once. */
export function createRegistry(
  given: Pick<Registry, 'dataDir' | 'config' | 'log' | 'clock' | 'db' | 'commit' | 'journal' | 'trust' | 'keyring'>,
): Registry {
  const { db, journal } = given
  const due = { directory: true, status: true }
  const facts = createFacts(db, journal)
  return {
    ...given,
    due,
    facts,
    roots: createRoots(db),
    directories: createDirectories(db),
    places: createPlaces(db, facts, given.clock.now, () => {
      due.status = true
    }),
    documents: createTrustDocuments(db),
    members: createMembers(db),
    certificates: createCertificates(db),
    codes: createCodes(db),
    operators: createOperators(db),
    alarms: createAlarms(db),
    crls: createCrls(db),
    audit: createAudit(db),
    contents: createContents({ ...given, facts }),
  }
}
