import { type ParsedDocument, type ParsedSignature, parseDocument, verifySignature } from './document.ts'
import type { Kind, Payload } from './kinds.ts'
import type { Paper } from './proof.ts'
import { hubSigner, isHubKey, memberSigner, type ProofDirectory, type ProofSigner } from './proof-keys.ts'
import { Refusal } from './refusal.ts'
import { markVerified, type Verified } from './verified.ts'
import { type SignedBy, verifyAgreement } from './verify-agreement.ts'
import { verifyEntry } from './verify-entry.ts'
import type { VerifiedRoot } from './verify-root.ts'

/** A paper of a proof whose every signature holds, with whoever signed. What it answers is not looked at yet. */
export interface VerifiedPaper {
  readonly kind: Kind
  readonly id: string
  readonly text: string
  readonly payload: Payload<Kind>
  readonly signers: readonly ProofSigner[]
}

/** Protocol 7: one paper by what the proof itself brings: the root line and the directories of its time. */
export function verifyPaper(
  { kind, document: text }: Paper,
  roots: readonly VerifiedRoot[],
  directories: readonly ProofDirectory[],
): Verified<VerifiedPaper> {
  const signers: ProofSigner[] = []
  const note = (one: ProofSigner) => {
    signers.push(one)
    return one
  }
  const keys: PaperKeys = {
    member(thumbprint, at) {
      const { signer, publicKey } = note(memberSigner(thumbprint, at, roots, directories))
      return { member: signer, publicKey }
    },
    hub: (thumbprint, at) => note(hubSigner(kind, thumbprint, at, roots)).publicKey,
    isHub: (thumbprint) => isHubKey(thumbprint, roots),
  }
  const document = verifyByKeys({ kind, document: text }, keys, (roots[0] as VerifiedRoot).payload.net)
  return markVerified({ kind, id: document.id, text, payload: document.payload, signers })
}

/** One document of any kind by keys that the caller finds: form, network, every signature, and that each is of the party whose part it is. */
export function verifyByKeys({ kind, document: text }: Paper, keys: PaperKeys, net: string): ParsedDocument<Kind> {
  const document = parseDocument(kind, text)
  if (kind === 'agreement') verifyAgreement(text, stageOf(document as ParsedDocument<'agreement'>), keys, net)
  else if (kind === 'catalog-entry') verifyEntry(text, keys, net, true)
  else if (kind === 'root') throw new Refusal('PROOF_INVALID', { rule: 'roots stand in `roots`' })
  else verifyCompact(document, net, keys)
  return document
}

/** Finds the key that a document names; each throws when there is none that counted at that time (Unix seconds). */
export interface PaperKeys extends Pick<Parameters<typeof verifyAgreement>[2], 'member' | 'hub'> {
  isHub(thumbprint: string): boolean
}

function verifyCompact(document: ParsedDocument<Kind>, net: string, keys: PaperKeys): void {
  const { kind } = document
  if (!(document.net === net)) throw new Refusal('NETWORK_MISMATCH', { net: document.net })
  const payload = document.payload as { iat: number }
  const signature = document.signatures[0] as ParsedSignature
  const party = PARTY[kind]
  if (party === undefined || (kind === 'agreement-change' && keys.isHub(signature.thumbprint))) {
    verifySignature(signature, keys.hub(signature.thumbprint, payload.iat))
    return
  }
  const { member, publicKey } = keys.member(signature.thumbprint, payload.iat)
  verifySignature(signature, publicKey)
  const named = party(document.payload as never)
  if (named !== undefined && named !== member) throw new Refusal('SIGNER_FORBIDDEN', { kind, member })
}

/** Which member a kind's payload names as its author; undefined where the papers beside it tell. A kind not listed is the hub's. */
const PARTY: { readonly [K in Kind]?: (payload: Payload<K>) => string | undefined } = {
  manifest: ({ dataset }) => dataset.slice(0, 18),
  tombstone: ({ member }) => member,
  request: ({ consumer }) => consumer,
  offer: () => undefined,
  consent: () => undefined,
  refusal: () => undefined,
  sponsorship: ({ sponsor }) => sponsor,
  'sponsorship-revocation': ({ sponsor }) => sponsor,
  'certificate-request': ({ member }) => member,
  'agreement-change': () => undefined,
  'grant-request': () => undefined,
  'pull-order': ({ consumer }) => consumer,
  delivery: ({ dataset }) => dataset.slice(0, 18),
  acknowledgement: () => undefined,
}

function stageOf(document: ParsedDocument<'agreement'>): SignedBy {
  const roles = new Set(document.signatures.map(({ role }) => role))
  if (roles.has('hub')) return 'hub'
  if (roles.has('consumer')) return 'consumer'
  return document.signatures.length === document.payload.owners.length ? 'owners' : 'some-owners'
}
