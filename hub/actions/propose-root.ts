import { issueOnlineCertificate } from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { checkCertificate } from '#schemas/certificates.ts'
import { fromRfc3339, toRfc3339 } from '#schemas/clock.ts'
import type { Root } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type VerifiedRoot, verifyNextRoot } from '#schemas/verify-root.ts'
import { refreshCrls } from './keep-crls.ts'
import { crlUrl } from './make-authority.ts'
import { issuingCa, OVERLAP_SECONDS, type Purpose } from './online-keys.ts'
import { parseProposal, type RootAuthority, type RootProposal, signRoot } from './sign-root.ts'
import type { Office } from './sign-statement.ts'

/** What came of a change to the root: in force, or waiting for the offline key. */
export type Proposed =
  | { readonly state: 'installed'; readonly version: number }
  | { readonly state: 'proposed'; readonly version: number; readonly proposal: RootProposal }

/** The next root without any change: the one that waits for its signature, else a copy of the newest without what is worn out. */
export function draftRoot(r: Office): RootProposal {
  const newest = r.trust.roots().at(-1) as VerifiedRoot
  const pending = findProposal(r)
  if (pending !== undefined) return pending
  const payload: Root = {
    ...newest.payload,
    version: newest.payload.version + 1,
    previous: newest.id,
    iat: r.clock.now(),
    keys: newest.payload.keys.filter((key) => !isWornOut(r, key)),
  }
  return { hanghui: 'root-proposal', payload }
}

/** The proposal that waits, unless the line has gone on without it. */
export function findProposal(r: Office): RootProposal | undefined {
  const text = r.facts.find('proposal')
  const pending = text === undefined ? undefined : parseProposal(text)
  return pending?.payload.previous === r.trust.roots().at(-1)?.id ? pending : undefined
}

/** Replaced, and 72 h past its last use. */
export function isWornOut(r: Office, { purpose, certificate }: Root['keys'][number]): boolean {
  const used = r.keys.find(purpose)
  if (toBase64url(used.certificate.der) === certificate) return false
  const from = r.trust.root().keys.find((key) => key.certificate === certificate)?.from ?? ''
  return fromRfc3339(from) < used.from && used.from + OVERLAP_SECONDS <= r.clock.now()
}

/** The root key, while it lies here. */
export function findRootAuthority(r: Office): RootAuthority | undefined {
  const certificate = parseCertificate(fromBase64url(r.trust.root().certificate))
  const key = r.keyring.findRoot(certificate.publicKey.der)
  return key === undefined ? undefined : { certificate, key }
}

/** Signs and installs at once while the root key lies here; else keeps the proposal for the ceremony. */
export async function proposeRoot(r: Office, proposal: RootProposal, by: string | null): Promise<Proposed> {
  const { version } = proposal.payload
  const authority = findRootAuthority(r)
  if (authority === undefined) {
    await r.commit(() => {
      r.facts.set('proposal', JSON.stringify(proposal))
      r.facts.record('root-proposed', { version, by, at: r.clock.now() })
    })
    return { state: 'proposed', version, proposal }
  }
  const newKeys = proposal.newRoot === undefined ? undefined : generateKeyPair()
  // A key is on disk before any document names it.
  if (newKeys !== undefined) r.keyring.add('root', newKeys)
  await installRoot(r, await signRoot(proposal, authority, r.clock.date(), newKeys), by)
  if (newKeys !== undefined) r.keyring.remove('root', authority.certificate.publicKey.der)
  return { state: 'installed', version }
}

/** A signed root takes its place in the line: verified, stored, believed, and told to everybody. ROOT_INVALID where it would lock this hub out. */
export async function installRoot(r: Office, text: string, by: string | null): Promise<number> {
  const newest = r.trust.roots().at(-1) as VerifiedRoot
  const next = verifyNextRoot(text, newest)
  requireDated(r, next.payload, newest.payload)
  requireUsable(r, next.payload)
  const { version } = next.payload
  await r.commit(() => {
    // Two installs at once: the second finds another newest root.
    if (r.roots.all().at(-1)?.id !== newest.id) throw new Refusal('ROOT_ROLLBACK', { version })
    r.roots.add({ version, id: next.id, text, accepted: r.clock.now() })
    r.facts.drop('proposal')
    r.journal.append('root', next.id)
    r.facts.record('root-installed', { version, id: next.id, by, at: r.clock.now() })
    r.due.directory = true
    r.due.status = true
  })
  r.trust.acceptRoot(text)
  r.rootInstalled()
  await r.published()
  await refreshCrls(r)
  return version
}

/** CLOCK_SKEW: evidence is judged by when a root came; the offline machine's clock must be neither ahead nor behind the line. */
function requireDated(r: Office, { iat }: Root, { iat: before }: Root): void {
  const now = r.clock.now()
  if (!(before - LIMITS.clockSkewSeconds <= iat && iat <= now + LIMITS.clockSkewSeconds))
    throw new Refusal('CLOCK_SKEW', {
      theirs: toRfc3339(iat),
      ours: toRfc3339(now),
      rule: 'a root is dated after the one before it, and not ahead',
    })
}

/** ROOT_INVALID, CERTIFICATE_…: unless the hub can go on under this root, holding a directory key, a grant key and an issuing CA that it names. */
export function requireUsable(r: Office, { keys, cas }: Root): void {
  for (const purpose of ['directory', 'grant'] as const) {
    const ours = keys.filter(
      (key) => key.purpose === purpose && r.keyring.find(parsed(key.certificate).publicKey.der) !== undefined,
    )
    if (ours.length === 0)
      throw new Refusal('ROOT_INVALID', { rule: `this hub holds a ${purpose} key that the root names` })
    for (const key of ours) checkCertificate(parsed(key.certificate).der, 'hub-document', cas, r.clock.date())
  }
  const issuing = cas.some(
    ({ kind, certificates: [first] }) =>
      kind === 'embedded' && first !== undefined && r.keyring.find(parsed(first).publicKey.der) !== undefined,
  )
  if (!issuing) throw new Refusal('ROOT_INVALID', { rule: 'this hub holds an issuing CA that the root lists' })
}

const parsed = (text: string): Certificate => parseCertificate(fromBase64url(text))

/** New online keys, listed 72 h before their first use; in place of the old ones at once where those are compromised. `isKept`: which CAs stay. */
export async function rotateOnlineKeys(
  r: Office,
  purposes: readonly Purpose[],
  compromised: boolean,
  by: string | null,
  isKept: (ca: Root['cas'][number]) => boolean = () => true,
): Promise<Proposed> {
  const draft = draftRoot(r)
  const { issuer } = issuingCa(r)
  const now = r.clock.now()
  const from = toRfc3339(compromised ? now : now + OVERLAP_SECONDS)
  const made: Root['keys'] = []
  for (const purpose of purposes) {
    const pair = generateKeyPair()
    r.keyring.add(purpose, pair)
    const certificate = await issueOnlineCertificate({
      now: r.clock.date(),
      issuer,
      publicKey: spkiOf(pair.publicKey),
      name: r.config.name,
      purpose,
      crlUrl: crlUrl(r.config.publicUrl, issuer.certificate),
    })
    made.push({ purpose, certificate: toBase64url(certificate.der), from })
  }
  const kept = compromised
    ? draft.payload.keys.filter(({ purpose }) => !purposes.includes(purpose))
    : draft.payload.keys
  const cas = draft.payload.cas.filter(isKept)
  return proposeRoot(r, { ...draft, payload: { ...draft.payload, keys: [...kept, ...made], cas } }, by)
}

/** A new issuing CA under the present root key. The old one stays listed: members' certificates of its making count until their end. */
export async function rotateIssuingCa(r: Office, by: string | null): Promise<Proposed> {
  const pair = generateKeyPair()
  r.keyring.add('issuing', pair)
  return proposeRoot(r, { ...draftRoot(r), issuing: issuingDraft(r, spkiOf(pair.publicKey)) }, by)
}

/** A new root key, vouched for by the old one; it certifies the issuing CA's key anew, so all certificates go on. */
export async function rotateRootKey(r: Office, by: string | null): Promise<Proposed> {
  const { issuer } = issuingCa(r)
  const draft = draftRoot(r)
  return proposeRoot(
    r,
    {
      ...draft,
      issuing: draft.issuing ?? issuingDraft(r, issuer.certificate.publicKey.der),
      newRoot: { name: r.config.name },
    },
    by,
  )
}

function issuingDraft(r: Office, publicKey: Uint8Array): NonNullable<RootProposal['issuing']> {
  const root = parsed(r.trust.root().certificate)
  return { name: r.config.name, publicKey: toBase64url(publicKey), crlUrl: crlUrl(r.config.publicUrl, root) }
}
