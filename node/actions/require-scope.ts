import { Refusal } from '#schemas/refusal.ts'
import type { AgreementRecord, OwnDatasets } from '../exchange-deps.ts'

/** Protocol 6.3.8: an agreement covers the version of the entry it was made on and later ones, never earlier ones. */
export function requireVersionInScope(
  { payload }: AgreementRecord,
  version: number,
  datasets: Pick<OwnDatasets, 'findEntry'>,
): void {
  const entry = datasets.findEntry(payload.entry)?.payload
  if (entry === undefined) throw new Refusal('AGREEMENT_NOT_OURS', { entry: payload.entry })
  if (!(version >= entry.version)) throw new Refusal('SCOPE_EXCEEDED', { version, from: entry.version })
}
