import assert from 'node:assert/strict'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { fromBase64url } from '#schemas/base64url.ts'
import { keyOfCertificate } from '#schemas/certificates.ts'
import { type ParsedSignature, parseDocument, verifySignature } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Kind } from '#schemas/kinds.ts'
import { decodeStatusList, statusAt } from '#schemas/status-list.ts'
import { type VerifiedRoot, verifyRootLine } from '#schemas/verify-root.ts'
import { signingKeyOf } from '../../hub/actions/asked-keys.ts'
import { withDatabase } from './speak-as.ts'
import type { Network } from './start-network.ts'

/** A document as a database keeps it. */
interface Kept {
  readonly kind: Kind
  readonly text: string
  /** The id under which it is kept; null where the store has none. */
  readonly id: string | null
}

type FindKey = (thumbprint: string) => KeyObject | undefined

/** Where a node keeps documents. */
const NODE_DOCUMENTS = `
  SELECT kind, text, id FROM papers
  UNION ALL SELECT kind, text, id FROM entries
  UNION ALL SELECT kind, text, id FROM kept_texts
  UNION ALL SELECT kind, text, document FROM filings
  UNION ALL SELECT kind, text, document FROM outbox
  UNION ALL SELECT 'manifest', text, manifest FROM versions
  UNION ALL SELECT 'manifest', text, manifest FROM pulled_versions
  UNION ALL SELECT 'grant', text, NULL FROM grants
  UNION ALL SELECT 'certificate-request', request_text, request FROM pairs
  UNION ALL SELECT 'directory', text, NULL FROM directories
  UNION ALL SELECT 'status', text, NULL FROM status_lists
  UNION ALL SELECT 'pull-order', order_text, pull FROM served_pulls
  UNION ALL SELECT 'delivery', delivery_text, delivery FROM served_pulls WHERE delivery_text IS NOT NULL
  UNION ALL SELECT 'acknowledgement', acknowledgement_text, acknowledgement FROM served_pulls WHERE acknowledgement_text IS NOT NULL
  UNION ALL SELECT 'pull-order', order_text, pull FROM pulls
  UNION ALL SELECT 'delivery', delivery_text, delivery FROM pulls WHERE delivery_text IS NOT NULL
  UNION ALL SELECT 'acknowledgement', acknowledgement_text, acknowledgement FROM pulls WHERE acknowledgement_text IS NOT NULL`

const HUB_DOCUMENTS = `
  SELECT kind, text, id FROM documents
  UNION ALL SELECT kind, text, id FROM trust_documents
  UNION ALL SELECT 'directory', text, id FROM directories
  UNION ALL SELECT 'status', text, id FROM status_list`

/**
 * What must hold in every database of a network at any moment, read beside the running servers: each kept document's
 * signatures, the index of the hub's entries, the status of its agreements, and that receipts answer each other.
 * Throws AssertionError.
 */
export function assertConsistent({ fingerprint, hub, nodes }: Pick<Network, 'fingerprint' | 'hub' | 'nodes'>): void {
  const folders = Object.values(nodes).map(({ dataDir }) => dataDir)
  assertFoldersConsistent(fingerprint, hub.dataDir, folders)
}

/** The same of bare data folders. */
export function assertFoldersConsistent(fingerprint: string, hub: string, nodes: readonly string[]): void {
  const findKey = withDatabase(join(hub, 'hub.db'), (db) => {
    const roots = verifyRootLine(textsOf(db, 'SELECT text FROM roots ORDER BY version'), fingerprint)
    const find = keysOf(db, roots)
    assertDocuments(db, HUB_DOCUMENTS, find, 'hub')
    assertStatus(db)
    assertJournal(db)
    assertHubReceipts(db)
    assertIndex(db, hub)
    return find
  })
  for (const folder of nodes) {
    withDatabase(join(folder, 'node.db'), (db) => {
      verifyRootLine(textsOf(db, 'SELECT text FROM roots ORDER BY version'), fingerprint)
      assertDocuments(db, NODE_DOCUMENTS, findKey, folder)
      assertNodeReceipts(db, folder)
    })
  }
}

const textsOf = (db: Database.Database, sql: string) =>
  (db.prepare(sql).all() as { text: string }[]).map((one) => one.text)

/** Every certificate the hub ever registered, and every online key of its roots. */
function keysOf(db: Database.Database, roots: readonly VerifiedRoot[]): FindKey {
  const members = db.prepare('SELECT der FROM certificates').all() as { der: Uint8Array }[]
  const online = roots.flatMap(({ payload }) => payload.keys.map(({ certificate }) => fromBase64url(certificate)))
  const keys = new Map(
    [...members.map(({ der }) => der), ...online].map((der) => {
      const { thumbprint, publicKey } = keyOfCertificate(der)
      return [thumbprint, publicKey] as const
    }),
  )
  return (thumbprint) => keys.get(thumbprint)
}

function assertDocuments(db: Database.Database, sql: string, findKey: FindKey, where: string): void {
  const kept = db.prepare(sql).all() as Kept[]
  assert.ok(kept.length > 0, `${where} keeps nothing`)
  for (const { kind, text, id } of kept) {
    const document = parseDocument(kind, text)
    if (id !== null) assert.equal(document.id, id, `${where}: ${kind} is kept under its id`)
    for (const signature of document.signatures)
      verifySignature(signature, keyFor(kind, text, signature, findKey, where))
  }
}

/** At enrolment a request is signed by the key it asks a certificate for (Protocol 3.2). */
function keyFor(kind: Kind, text: string, { thumbprint }: ParsedSignature, findKey: FindKey, where: string): KeyObject {
  const found = findKey(thumbprint)
  if (found !== undefined) return found
  assert.equal(kind, 'certificate-request', `${where}: ${kind} is signed by an unknown key ${thumbprint}`)
  const spki = signingKeyOf(parseDocument('certificate-request', text).payload)
  assert.equal(sha256(spki), thumbprint, `${where}: a first request is signed by its own key`)
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}

const STATUS_OF = { FINALIZED: 'good', SUSPENDED: 'suspended', TERMINATED: 'revoked' } as const

/** The signed list says of each agreement what its state says; revoked certificates stand in it. */
function assertStatus(db: Database.Database): void {
  const [text] = textsOf(db, 'SELECT text FROM status_list')
  const bits = decodeStatusList(parseDocument('status', text as string).payload.status_list.lst)
  const agreements = db.prepare('SELECT agreement, state, place FROM agreements WHERE place IS NOT NULL').all() as {
    agreement: string
    state: keyof typeof STATUS_OF
    place: number
  }[]
  for (const { agreement, state, place } of agreements)
    assert.equal(statusAt(bits, place), STATUS_OF[state], `agreement ${agreement} is ${state}`)
  const certificates = db
    .prepare("SELECT place, thumbprint FROM certificates JOIN pairs USING (request) WHERE pairs.state = 'revoked'")
    .all() as { place: number; thumbprint: string }[]
  for (const { place, thumbprint } of certificates)
    assert.equal(statusAt(bits, place), 'revoked', `certificate ${thumbprint}`)
}

/** Protocol 8: nothing is stored without its row. A grant-request stands there as the grant that answered it. */
function assertJournal(db: Database.Database): void {
  const missing = db
    .prepare("SELECT kind, id FROM documents WHERE kind <> 'grant-request' AND id NOT IN (SELECT hash FROM journal)")
    .all()
  assert.deepEqual(missing, [], 'every document has its journal row')
}

/** Found is what is published, and all of it. */
function assertIndex(db: Database.Database, hub: string): void {
  const path = join(hub, 'index.db')
  if (!existsSync(path)) return
  const published = db
    .prepare("SELECT dataset, id FROM entries WHERE state = 'published' AND kind = 'catalog-entry' ORDER BY dataset")
    .all() as { dataset: string; id: string }[]
  const indexed = withDatabase(path, (index) => index.prepare('SELECT dataset FROM entries ORDER BY dataset').all())
  assert.deepEqual(
    indexed,
    published.map(({ dataset }) => ({ dataset })),
    'the index is of what is published',
  )
}

function assertHubReceipts(db: Database.Database): void {
  const textOf = db.prepare<[string], { text: string }>('SELECT text FROM documents WHERE id = ?')
  const rows = db.prepare('SELECT pull, pull_order, delivery, acknowledgement FROM pulls').all() as {
    pull: string
    pull_order: string | null
    delivery: string | null
    acknowledgement: string | null
  }[]
  for (const { pull, pull_order, delivery, acknowledgement } of rows) {
    if (pull_order !== null) assert.equal(pull_order, pull, 'a pull is named by its order')
    const paper = (id: string | null) => (id === null ? null : (textOf.get(id)?.text as string))
    assertChained(pull, paper(delivery), paper(acknowledgement), 'hub')
  }
}

function assertNodeReceipts(db: Database.Database, where: string): void {
  const rows = db
    .prepare(
      `SELECT pull, delivery_text, acknowledgement_text FROM served_pulls
       UNION ALL SELECT pull, delivery_text, acknowledgement_text FROM pulls`,
    )
    .all() as { pull: string; delivery_text: string | null; acknowledgement_text: string | null }[]
  for (const { pull, delivery_text, acknowledgement_text } of rows)
    assertChained(pull, delivery_text, acknowledgement_text, where)
}

/** Protocol 6.7, 6.8: each paper names what it answers. */
function assertChained(pull: string, delivery: string | null, acknowledgement: string | null, where: string): void {
  const delivered = delivery === null ? undefined : parseDocument('delivery', delivery)
  if (delivered !== undefined) assert.equal(delivered.payload.order, pull, `${where}: a delivery of its pull`)
  if (acknowledgement === null) return
  const { payload } = parseDocument('acknowledgement', acknowledgement)
  assert.equal(payload.order, pull, `${where}: an acknowledgement of its pull`)
  if (delivered !== undefined && payload.delivery !== null)
    assert.equal(payload.delivery, delivered.id, `${where}: an acknowledgement of the delivery beside it`)
}
