import { parseDocument } from '#schemas/document.ts'
import { makeProof, type Paper } from '#schemas/proof.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Pulls } from '../store/pulls.ts'
import type { ServedPulls } from '../store/served-pulls.ts'
import type { AgreementFinder } from './find-agreement.ts'
import { filesInScope } from './verify-manifest.ts'

type Deps = Pick<ExchangeDeps, 'datasets' | 'proofMaterial'> & {
  readonly pulls: Pulls
  readonly servedPulls: ServedPulls
  readonly finder: AgreementFinder
}

/**
 * The proof file of a pull (Protocol 7), JSON text: the owner's manifest, which names the files, with the papers of the pull
 * and the agreement beside it; the same on both sides. `files` names the data only where they lie beside the proof: what is
 * named there must be there when it is verified. PULL_UNKNOWN.
 */
export function createProvePull({ datasets, proofMaterial, pulls, servedPulls, finder }: Deps) {
  return function provePull(id: string, data: 'beside' | 'elsewhere'): string {
    const row = pulls.find(id) ?? servedPulls.find(id)
    if (row === undefined) throw new Refusal('PULL_UNKNOWN', { pull: id })
    const manifest = pulls.findVersion(row.manifest)?.text ?? datasets.findManifest(row.manifest)?.text
    if (manifest === undefined) throw new Refusal('VERSION_UNKNOWN', { manifest: row.manifest })
    const agreement = finder.find(row.agreement)
    const related = [
      ...papersOf(row),
      ...(agreement === undefined ? [] : [{ kind: 'agreement', document: agreement.text } as const]),
    ]
    const main = { kind: 'manifest', document: manifest } as const
    if (data === 'elsewhere') return makeProof(main, related, proofMaterial())
    const { payload } = parseDocument('manifest', manifest)
    const covered =
      agreement === undefined ? payload.files : filesInScope(payload, agreement.payload.terms).map(({ file }) => file)
    const files = covered.map(({ path, sha256 }) => ({ path, sha256 }))
    return makeProof(main, related, proofMaterial(), files)
  }
}

/** Newest first: what answers comes before what it answers. */
function papersOf(row: {
  readonly acknowledgement_text: string | null
  readonly delivery_text: string | null
  readonly order_text: string
}): Paper[] {
  const papers: [Paper['kind'], string | null][] = [
    ['acknowledgement', row.acknowledgement_text],
    ['delivery', row.delivery_text],
    ['pull-order', row.order_text],
  ]
  return papers.flatMap(([kind, document]) => (document === null ? [] : [{ kind, document }]))
}
