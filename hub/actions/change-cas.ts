import { verifyChain } from '#pki/chain.ts'
import { PkiError } from '#pki/error.ts'
import { ATTRIBUTE, findAttribute, formatName } from '#pki/names.ts'
import { type Certificate, parseCertificate, parseCertificatesPem } from '#pki/parse-certificate.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import type { Root } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { refusedCa } from './ca-words.ts'
import { requireOperator } from './operators.ts'
import { draftRoot, type Proposed, proposeRoot, requireUsable } from './propose-root.ts'
import type { Office } from './sign-statement.ts'

/** What an administrator is told of a listed CA: its name, and whether the root that says so is in force. */
export type CaChange = { readonly ca: string } & Proposed

const chainMost = 4

/**
 * Lists an external licensed CA (电子签名法 art. 16) by its chain in PEM, issuing CA first, root last. CERTIFICATE_PROFILE
 * for anything but one chain of authorities that ends in its root.
 */
export async function addCa(r: Office, pem: string, operator: string): Promise<CaChange> {
  requireOperator(r, operator, 'administrator')
  const chain = saying(undefined, () => parseCertificatesPem(pem))
  requireChain(r, chain)
  const certificates = chain.map(({ der }) => toBase64url(der))
  const draft = draftRoot(r)
  if (draft.payload.cas.some((ca) => ca.certificates[0] === certificates[0]))
    throw new Refusal('ALREADY_DECIDED', {
      field: '/file',
      ca: chain[0]?.thumbprint,
      detail: { zh: '该机构已经列入', en: 'This authority is listed already' },
    })
  const name = nameOf(chain[0] as Certificate)
  const cas: Root['cas'] = [...draft.payload.cas, { name, kind: 'external', certificates }]
  return { ca: name, ...(await proposeRoot(r, { ...draft, payload: { ...draft.payload, cas } }, operator)) }
}

/**
 * No longer lists an external CA, named by any certificate of its chain, or an issuing CA of ours that was replaced, named by
 * its own. CA_UNKNOWN; ROOT_INVALID while one of our keys stands on it.
 */
export async function removeCa(r: Office, pem: string, operator: string): Promise<CaChange> {
  requireOperator(r, operator, 'administrator')
  const named = new Set(refusingPki(() => parseCertificatesPem(pem)).map(({ der }) => toBase64url(der)))
  const draft = draftRoot(r)
  // Our own share one root, so that one names none of them.
  const gone = draft.payload.cas.find(({ kind, certificates }) =>
    (kind === 'external' ? certificates : certificates.slice(0, 1)).some((one) => named.has(one)),
  )
  if (gone === undefined) throw new Refusal('CA_UNKNOWN')
  const payload = { ...draft.payload, cas: draft.payload.cas.filter((ca) => ca !== gone) }
  // Before it travels to the offline key and back.
  if (gone.kind === 'embedded') requireNoneStanding(payload, gone)
  requireUsable(r, payload)
  return { ca: gone.name, ...(await proposeRoot(r, { ...draft, payload }, operator)) }
}

/** An issuing CA goes last, after the hub's own keys have left it. */
function requireNoneStanding({ keys }: Root, { certificates }: Root['cas'][number]): void {
  const { subject } = parseCertificate(fromBase64url(certificates[0] as string))
  const standing = keys.filter(({ certificate }) =>
    parseCertificate(fromBase64url(certificate)).issuer.der.equals(subject.der),
  )
  if (standing.length > 0)
    throw new Refusal('ROOT_INVALID', {
      rule: 'keys of the hub stand on this CA: pki root rotate --compromised first',
      keys: standing.map(({ purpose }) => purpose),
    })
}

/** Held to its rules from the root down, so that a refusal names the certificate at fault and not one below it. */
function requireChain(r: Office, chain: readonly Certificate[]): void {
  if (!(chain.length <= chainMost)) throw refusedCa('CERTIFICATE_PROFILE', 'too-many')
  for (const [index, certificate] of [...chain.entries()].reverse()) {
    const which = { place: index + 1, certificate }
    if (!(certificate.extensions.basicConstraints?.ca === true))
      throw refusedCa('CERTIFICATE_PROFILE', 'no-authority', which)
    const above = chain[index + 1] ?? certificate
    if (!certificate.issuer.der.equals(above.subject.der)) throw refusedCa('CERTIFICATE_PROFILE', 'not-next', which)
    // Signatures and profile too: a name above another is no proof, and what would never count is better refused here.
    saying(which, () =>
      verifyChain({
        leaf: certificate,
        intermediates: chain.slice(index + 1, -1),
        anchors: [{ certificate: chain.at(-1) as Certificate, external: true }],
        now: r.clock.date(),
        purpose: 'crl',
        crls: 'status-list',
      }),
    )
  }
}

/** What `pki/` refuses, in words. */
function saying<T>(which: { place: number; certificate: Certificate } | undefined, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof PkiError) throw refusedCa(error.code, which === undefined ? 'pem' : error.rule, which)
    throw error
  }
}

function nameOf(issuing: Certificate): string {
  const organization = findAttribute(issuing.subject, ATTRIBUTE.organization)
  return (organization ?? formatName(issuing.subject)).slice(0, 200)
}
