import type { KeyObject } from 'node:crypto'
import { issueIssuingCa, issueRoot, issuerOf } from '#pki/certificates.ts'
import { type KeyPair, keyPairOf, spkiOf } from '#pki/keys.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { addSignature, openGeneralDocument } from '#schemas/document.ts'
import { ROOT } from '#schemas/documents/trust.ts'
import { parseJsonText } from '#schemas/json.ts'
import type { Root } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { CERTIFICATE, closed, NAME } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'

/**
 * The next root as the hub proposes it, for the root key to complete and sign where it lies. `issuing`: an issuing CA's
 * public key (SubjectPublicKeyInfo, base64url) that the root key is to certify, in place of the CA of the same key or
 * beside those there are. `newRoot`: a new root key takes over.
 */
export interface RootProposal {
  readonly hanghui: 'root-proposal'
  readonly payload: Root
  readonly issuing?: { readonly name: string; readonly publicKey: string; readonly crlUrl: string }
  readonly newRoot?: { readonly name: string }
}

const PROPOSAL = closed(
  {
    hanghui: { const: 'root-proposal' },
    payload: ROOT,
    issuing: closed({ name: NAME, publicKey: CERTIFICATE, crlUrl: { type: 'string', maxLength: 300 } }, [
      'name',
      'publicKey',
      'crlUrl',
    ]),
    newRoot: closed({ name: NAME }, ['name']),
  },
  ['hanghui', 'payload'],
)

/** A proposal file; ROOT_INVALID names the field. */
export function parseProposal(text: string): RootProposal {
  return validate(PROPOSAL, parseJsonText(text), 'ROOT_INVALID') as RootProposal
}

/** The root key with its self-signed certificate. */
export interface RootAuthority {
  readonly certificate: Certificate
  readonly key: KeyObject
}

/**
 * Completes and signs a proposal with the present root key, and where a new root key takes over also with that. Needs no
 * network and no data folder. ROOT_INVALID when the key is not the one the proposal follows on; CLOCK_SKEW.
 */
export async function signRoot(
  proposal: RootProposal,
  present: RootAuthority,
  now: Date,
  newKeys?: KeyPair,
): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000)
  requireClock(proposal.payload, iat)
  const root = await authorityOf(proposal, present, now, newKeys)
  const payload: Root = {
    ...proposal.payload,
    iat,
    certificate: toBase64url(root.certificate.der),
    cas: await casOf(proposal, root, now),
  }
  const text = openGeneralDocument('root', payload, signerOf(root), { role: 'root', iat })
  return root === present ? text : addSignature(text, 'root', signerOf(present), { role: 'previous', iat })
}

/** A machine in a safe may have lost its time; a root of 1970 would date the end of the old keys before all they signed. */
function requireClock({ iat: proposed }: Root, iat: number): void {
  if (!(iat >= proposed - LIMITS.clockSkewSeconds))
    throw new Refusal('CLOCK_SKEW', {
      ours: toRfc3339(iat),
      theirs: toRfc3339(proposed),
      rule: 'a root is signed after it was proposed',
    })
}

const signerOf = ({ certificate, key }: RootAuthority) => ({ key, thumbprint: certificate.thumbprint })

async function authorityOf(
  { payload, newRoot }: RootProposal,
  present: RootAuthority,
  now: Date,
  newKeys: KeyPair | undefined,
): Promise<RootAuthority> {
  if (!spkiOf(keyPairOf(present.key).publicKey).equals(present.certificate.publicKey.der))
    throw new Refusal('ROOT_INVALID', { rule: 'the key is that of the root certificate' })
  if (newRoot === undefined) {
    // Signing somebody else's draft would hand the line over to the certificate it names.
    if (!(payload.certificate === toBase64url(present.certificate.der)))
      throw new Refusal('ROOT_INVALID', { rule: 'the proposal names the certificate of the key that signs' })
    return present
  }
  if (newKeys === undefined) throw new Refusal('ROOT_INVALID', { rule: 'a new root needs a new key' })
  return { certificate: await issueRoot({ now, name: newRoot.name, keys: newKeys }), key: newKeys.privateKey }
}

/** The listed CAs; one that this root key is to certify stands first, in place of the one with the same key. */
async function casOf({ payload, issuing }: RootProposal, root: RootAuthority, now: Date): Promise<Root['cas']> {
  if (issuing === undefined) return payload.cas
  const publicKey = fromBase64url(issuing.publicKey)
  const issuer = issuerOf(root.certificate, root.key)
  const made = await issueIssuingCa({
    now,
    issuer,
    publicKey,
    name: issuing.name,
    ...(issuing.crlUrl === '' ? {} : { crlUrl: issuing.crlUrl }),
  })
  const entry = {
    name: issuing.name,
    kind: 'embedded' as const,
    certificates: [made, root.certificate].map(({ der }) => toBase64url(der)),
  }
  return [entry, ...payload.cas.filter((ca) => ca.kind === 'external' || !publicKeyOfCa(ca).equals(made.publicKey.der))]
}

function publicKeyOfCa({ certificates }: Root['cas'][number]): Buffer {
  return parseCertificate(fromBase64url(certificates[0] as string)).publicKey.der
}
