import { isCompromise } from './compromise.ts'
import type { Payload } from './kinds.ts'
import type { ProofDirectory, ProofSigner } from './proof-keys.ts'
import { Refusal } from './refusal.ts'
import type { VerifiedPaper } from './verify-paper.ts'

interface Revocation {
  readonly at: number
  readonly compromised: boolean
  covers(signer: ProofSigner): boolean
}

/**
 * Contract, Old signatures: what a certificate revoked for compromise signed is TIME_UNPROVEN whatever its `iat`; what one
 * revoked for another reason signed afterwards is CERTIFICATE_REVOKED. The revocations are the hub's decisions in the proof.
 */
export function requireUnrevoked(papers: readonly VerifiedPaper[], directories: readonly ProofDirectory[]): void {
  const revocations = papers
    .filter(({ kind }) => kind === 'decision')
    .map(({ payload }) => payload as Payload<'decision'>)
    .filter(({ outcome }) => outcome === 'revoked')
    .map((decision) => revocationOf(decision, directories))
  for (const { kind, signers } of papers) {
    for (const signer of signers) {
      const { thumbprint, at } = signer
      for (const revocation of revocations.filter((one) => one.covers(signer))) {
        if (revocation.compromised) throw new Refusal('TIME_UNPROVEN', { thumbprint, kind })
        if (!(at <= revocation.at)) throw new Refusal('CERTIFICATE_REVOKED', { thumbprint, kind })
      }
    }
  }
}

function revocationOf(decision: Payload<'decision'>, directories: readonly ProofDirectory[]): Revocation {
  const { subject, since, by, iat } = decision
  const compromised = by.some(({ reason }) => isCompromise(reason, since))
  if (subject.kind !== 'member') return { at: iat, compromised, covers: pairOf(subject.id, directories) }
  // A member that came back since did so with new keys, which this says nothing about.
  const covers = ({ signer, issued }: ProofSigner) => signer === subject.id && issued <= iat
  return { at: iat, compromised, covers }
}

/** A pair is revoked by naming either of its certificates: the one that signs documents, or the TLS one beside it. */
function pairOf(thumbprint: string, directories: readonly ProofDirectory[]): Revocation['covers'] {
  const requests = new Set(
    directories
      .flatMap(({ members }) => members)
      .flatMap(({ certificates }) => certificates)
      .filter((one) => one.thumbprint === thumbprint)
      .map(({ request }) => request),
  )
  return (signer) => signer.thumbprint === thumbprint || requests.has(signer.request ?? '')
}
