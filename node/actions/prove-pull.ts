import { Refusal } from '#schemas/refusal.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Pulls } from '../store/pulls.ts'
import type { ServedPulls } from '../store/served-pulls.ts'

type Deps = Pick<ExchangeDeps, 'agreements' | 'proveDocument'> & {
  readonly pulls: Pulls
  readonly servedPulls: ServedPulls
}

/** A document with its kind, as proof files carry them. */
export interface KindAndText {
  readonly kind: 'manifest' | 'pull-order' | 'delivery' | 'acknowledgement' | 'agreement'
  readonly document: string
}

/**
 * The proof file of a pull (Protocol 7), JSON text. Ours: the owner's manifest with the papers of the pull and the files it
 * names. Served: the newest paper, the others beside it.
 */
export function createProvePull({ agreements, proveDocument, pulls, servedPulls }: Deps) {
  return async function provePull(id: string): Promise<string> {
    const own = pulls.find(id)
    const served = servedPulls.find(id)
    const row = own ?? served
    if (row === undefined) throw new Refusal('PULL_UNKNOWN', { pull: id })
    const papers = papersOf(row, agreements.find(row.agreement)?.text)
    const manifest = own === undefined ? undefined : pulls.findVersion(own.manifest)?.text
    if (manifest !== undefined) return proveDocument({ kind: 'manifest', document: manifest }, papers)
    const [main, ...related] = papers
    return proveDocument(main as KindAndText, related)
  }
}

/** Newest first: what answers comes before what it answers. */
function papersOf(
  row: { acknowledgement_text: string | null; delivery_text: string | null; order_text: string },
  agreement: string | undefined,
): KindAndText[] {
  return [
    { kind: 'acknowledgement', document: row.acknowledgement_text },
    { kind: 'delivery', document: row.delivery_text },
    { kind: 'pull-order', document: row.order_text },
    { kind: 'agreement', document: agreement },
  ].filter((one): one is KindAndText => typeof one.document === 'string')
}
