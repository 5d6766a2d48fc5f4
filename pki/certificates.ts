/** Issuing: one door per kind of certificate. Each takes the moment as `now` and returns the parsed certificate (`.der` are its bytes). */
import type { KeyObject } from 'node:crypto'
import { type Issuer, issueCertificate } from './issue-certificate.ts'
import { type KeyPair, spkiOf } from './keys.ts'
import type { Role } from './names.ts'
import type { Certificate } from './parse-certificate.ts'
import { keyIdentifierOf, parseP256Spki } from './spki.ts'

export type { Issuer } from './issue-certificate.ts'

interface Life {
  readonly now: Date
  /** Life in days when it is to be shorter than the profile's; never longer than the issuer's. */
  readonly days?: number
}

interface Issued extends Life {
  readonly issuer: Issuer
  /** SubjectPublicKeyInfo in DER: from `verifyCsr`, or `spkiOf` a key of our own. */
  readonly publicKey: Uint8Array
  /** Where outsiders find the issuer's CRL (http). */
  readonly crlUrl?: string
}

interface ForMember extends Issued {
  /** 统一社会信用代码. */
  readonly member: string
  /** The organisation's name, at most 64 characters. */
  readonly name: string
}

/** A self-signed root, at most 20 years, one authority below. `member` only for a node's own authority, which vouches for its staff. */
export async function issueRoot(root: Life & { name: string; keys: KeyPair; member?: string }): Promise<Certificate> {
  const publicKey = spkiOf(root.keys.publicKey)
  const subject = {
    ...authoritySubject(root.name, 'Root CA', 'root', publicKey),
    ...(root.member === undefined ? {} : { member: root.member }),
  }
  return issueCertificate({ ...blank(root), subject, publicKey, issuer: { self: root.keys.privateKey } })
}

/** An issuing authority below the root, at most 5 years, none below it. */
export async function issueIssuingCa(draft: Issued & { name: string }): Promise<Certificate> {
  const subject = authoritySubject(draft.name, 'Issuing CA', 'issuing', draft.publicKey)
  return issueCertificate({ ...blank(draft), ...draft, subject })
}

/** A node's TLS certificate, client and server, 30 days; `hosts` of its endpoint, none for a node that cannot be reached. */
export async function issueTlsCertificate(draft: ForMember & { hosts: readonly string[] }): Promise<Certificate> {
  return issueCertificate({ ...blank(draft), ...draft, subject: memberSubject(draft, 'node-tls') })
}

/** A node's signing certificate, documents only, 30 days. */
export async function issueSigningCertificate(draft: ForMember): Promise<Certificate> {
  return issueCertificate({ ...blank(draft), ...draft, subject: memberSubject(draft, 'node-signing') })
}

/** The hub's TLS server certificate, 90 days. */
export async function issueHubTlsCertificate(
  draft: Issued & { name: string; hosts: readonly string[] },
): Promise<Certificate> {
  return issueCertificate({ ...blank(draft), ...draft, subject: hubSubject(draft.name, draft.name, 'hub-tls') })
}

/** One of the hub's online document keys, at most a year, one purpose. */
export async function issueOnlineCertificate(
  draft: Issued & { name: string; purpose: 'directory' | 'grant' | 'log' },
): Promise<Certificate> {
  return issueCertificate({
    ...blank(draft),
    ...draft,
    subject: hubSubject(draft.name, draft.name, `hub-${draft.purpose}`),
  })
}

/** A hub operator's client certificate, at most a year. `operator` is the person's name, `name` the hub's. */
export async function issueOperatorCertificate(
  draft: Issued & { name: string; operator: string },
): Promise<Certificate> {
  return issueCertificate({ ...blank(draft), ...draft, subject: hubSubject(draft.operator, draft.name, 'operator') })
}

/** A client certificate for a person of a member's staff, at most a year; the issuer is the node's own authority. */
export async function issueStaffCertificate(draft: ForMember & { person: string }): Promise<Certificate> {
  const { member, name, person } = draft
  return issueCertificate({
    ...blank(draft),
    ...draft,
    subject: { commonName: person, organization: name, role: 'staff', member },
  })
}

/** An issuer out of its parts. */
export function issuerOf(certificate: Certificate, privateKey: KeyObject): Issuer {
  return { certificate, privateKey }
}

const blank = ({ now, days }: Life) => ({ now, days, hosts: [] as readonly string[], crlUrl: undefined })

const memberSubject = ({ member, name }: ForMember, role: Role) => ({
  commonName: name,
  organization: name,
  role,
  member,
})

const hubSubject = (commonName: string, organization: string, role: Role) => ({ commonName, organization, role })

/** The key's identifier in the name: two authorities never share a name, so a CRL or a path is never tried against the wrong one. */
function authoritySubject(name: string, kind: string, role: Role, publicKey: Uint8Array) {
  const mark = keyIdentifierOf(parseP256Spki(publicKey, 'CERTIFICATE_PROFILE')).slice(0, 8)
  return { commonName: `${[...name].slice(0, 40).join('').trim()} ${kind} ${mark}`, organization: name, role }
}
