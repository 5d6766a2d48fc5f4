import { join } from 'node:path'
import {
  type Issuer,
  issueHubTlsCertificate,
  issueIssuingCa,
  issueOnlineCertificate,
  issueRoot,
  issuerOf,
} from '#pki/certificates.ts'
import { issueCrl } from '#pki/issue-crl.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { createClock, toRfc3339 } from '#schemas/clock.ts'
import { openGeneralDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Root } from '#schemas/kinds.ts'
import { createJournal } from '#schemas/storage/journal.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { verifyNextRoot } from '#schemas/verify-root.ts'
import { type CrlRow, createCrls } from '../store/crls.ts'
import { createFacts } from '../store/facts.ts'
import { openKeyring } from '../store/keyring.ts'
import { MIGRATIONS } from '../store/migrations.ts'
import { createRoots } from '../store/roots.ts'

/** What a new hub is made of. */
export interface NewAuthority {
  /** Where `keys/` and `hub.db` come to lie. */
  readonly folder: string
  readonly passphrase: string
  readonly name: string
  /** Names and addresses of its TLS certificate. */
  readonly hosts: readonly string[]
  readonly publicUrl: string
  readonly now: Date
}

/** Lives of the first CRLs in days: the root's is renewed in a ceremony, the issuing CA's daily. */
export const CRL_DAYS = { root: 366, issuing: 7 } as const
const PURPOSES = ['directory', 'grant', 'log'] as const

/** Root key, issuing CA, online keys, TLS certificate, first root document and database. Returns the root's fingerprint. */
export async function makeAuthority(draft: NewAuthority): Promise<string> {
  const { folder, passphrase, name, publicUrl, now } = draft
  const keyring = openKeyring(join(folder, 'keys'), passphrase)
  const rootKeys = generateKeyPair()
  const root = await issueRoot({ now, name, keys: rootKeys })
  const rootIssuer = issuerOf(root, rootKeys.privateKey)
  const issuingKeys = generateKeyPair()
  const issuingSpki = spkiOf(issuingKeys.publicKey)
  const issuing = await issueIssuingCa({
    now,
    issuer: rootIssuer,
    publicKey: issuingSpki,
    name,
    crlUrl: crlUrl(publicUrl, root),
  })
  const issuer = issuerOf(issuing, issuingKeys.privateKey)
  const online = await Promise.all(
    PURPOSES.map(async (purpose) => {
      const pair = generateKeyPair()
      const certificate = await issueOnlineCertificate({
        now,
        issuer,
        publicKey: spkiOf(pair.publicKey),
        name,
        purpose,
        crlUrl: crlUrl(publicUrl, issuing),
      })
      return { purpose, pair, certificate }
    }),
  )
  const tlsKeys = generateKeyPair()
  const tls = await issueHubTlsCertificate({
    now,
    issuer,
    publicKey: spkiOf(tlsKeys.publicKey),
    name,
    hosts: draft.hosts,
    crlUrl: crlUrl(publicUrl, issuing),
  })
  keyring.add('root', rootKeys)
  keyring.add('issuing', issuingKeys)
  for (const { purpose, pair } of online) keyring.add(purpose, pair)
  keyring.add('tls', tlsKeys)
  const text = firstRoot(draft, root, rootKeys.privateKey, issuing, online)
  const crls = [await firstCrl(rootIssuer, now, CRL_DAYS.root), await firstCrl(issuer, now, CRL_DAYS.issuing)]
  storeAll(draft, text, tls, crls)
  return root.thumbprint
}

/** Where outsiders find the list of a CA: by the key, so that a CA certified anew keeps its address. */
export function crlUrl(publicUrl: string, ca: Certificate): string {
  return `${publicUrl}/crl/${sha256(ca.publicKey.der).slice(0, 16)}`
}

function firstRoot(
  { name, now }: NewAuthority,
  root: Certificate,
  key: Issuer['privateKey'],
  issuing: Certificate,
  online: readonly { purpose: Root['keys'][number]['purpose']; certificate: Certificate }[],
): string {
  const iat = Math.floor(now.getTime() / 1000)
  const payload: Root = {
    kind: 'root',
    net: root.thumbprint,
    version: 1,
    iat,
    previous: null,
    certificate: toBase64url(root.der),
    keys: online.map(({ purpose, certificate }) => ({
      purpose,
      certificate: toBase64url(certificate.der),
      from: toRfc3339(iat),
    })),
    cas: [{ name, kind: 'embedded', certificates: [toBase64url(issuing.der), toBase64url(root.der)] }],
  }
  return openGeneralDocument('root', payload, { key, thumbprint: root.thumbprint }, { role: 'root', iat })
}

async function firstCrl(issuer: Issuer, now: Date, days: number): Promise<CrlRow> {
  const issued = Math.floor(now.getTime() / 1000)
  const nextUpdate = issued + days * 86_400
  const der = await issueCrl({
    issuer,
    revoked: [],
    number: BigInt(issued),
    now,
    nextUpdate: new Date(nextUpdate * 1000),
  })
  return { issuer: sha256(issuer.certificate.publicKey.der), number: issued, der, issued, nextUpdate }
}

function storeAll({ folder, now }: NewAuthority, text: string, tls: Certificate, crls: readonly CrlRow[]): void {
  const db = openDatabase(join(folder, 'hub.db'), MIGRATIONS, { create: true })
  try {
    const journal = createJournal(
      db,
      createClock(
        () => now.getTime(),
        0,
        () => {},
      ),
    )
    const facts = createFacts(db, journal)
    const { id, payload } = verifyNextRoot(text, undefined)
    db.transaction(() => {
      createRoots(db).add({ version: payload.version, id, text, accepted: payload.iat })
      journal.append('root', id)
      facts.set('phase', 'construction')
      facts.set('tls', toBase64url(tls.der))
      for (const crl of crls) createCrls(db).replace(crl)
    }).immediate()
  } finally {
    db.close()
  }
}
