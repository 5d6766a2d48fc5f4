import { parseDocument } from '#schemas/document.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { HEX } from '#schemas/shapes.ts'
import type { Trust } from '#schemas/trust.ts'
import { validate } from '#schemas/validate.ts'
import type { Verified } from '#schemas/verified.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import { type VerifiedEntry, verifyEntry } from '#schemas/verify-entry.ts'
import type { HubRequests } from '../exchange-deps.ts'

interface Deps {
  readonly hub: Pick<HubRequests, 'get'>
  readonly trust: Pick<Trust, 'net'>
  readonly keys: Pick<AgreementKeys, 'member'>
  /** For an entry signed before this node came, with a certificate that has left the directory since. */
  readonly learnLine: (member: string) => Promise<void>
}

/** An entry as the hub holds it: signatures verified, some perhaps still missing. */
export interface FetchedEntry {
  readonly entry: Verified<VerifiedEntry>
  readonly state: string
}

const ANSWER = {
  type: 'object',
  properties: { id: HEX, entry: { type: 'string' }, state: { type: 'string', maxLength: 40 } },
  required: ['entry', 'state'],
} as const

/** Protocol 4.3: the entry of a dataset, waiting ones included where we are an owner. DATASET_UNKNOWN, DATASET_WITHDRAWN. */
export async function fetchDatasetEntry(deps: Deps, dataset: string): Promise<FetchedEntry> {
  const found = await readAnswer(deps, await deps.hub.get(`/v1/catalog-entries?dataset=${encodeURIComponent(dataset)}`))
  if (!(found.entry.payload.dataset === dataset)) throw new Refusal('PEER_MISBEHAVED', { rule: 'the entry asked for' })
  return found
}

/** Protocol 4.2: one entry by its id. */
export async function fetchEntry(deps: Deps, id: string): Promise<FetchedEntry> {
  const found = await readAnswer(deps, await deps.hub.get(`/v1/catalog-entries/${id}`))
  if (!(found.entry.id === id)) throw new Refusal('PEER_MISBEHAVED', { rule: 'the entry asked for' })
  return found
}

async function readAnswer(deps: Deps, answer: unknown): Promise<FetchedEntry> {
  const { entry, state } = validate(ANSWER, answer, 'PEER_MISBEHAVED')
  return { entry: await verifyLearning(deps, entry), state }
}

/** An entry that may lack signatures; owners whose keys are not known yet are asked for first. */
export async function verifyLearning(
  { trust, keys, learnLine }: Omit<Deps, 'hub'>,
  text: string,
): Promise<Verified<VerifiedEntry>> {
  const verify = () => verifyEntry(text, keys, trust.net, false)
  try {
    return verify()
  } catch (error) {
    if (!isRefusal(error, 'SIGNER_UNKNOWN')) throw error
    for (const owner of parseDocument('catalog-entry', text).payload.owners) await learnLine(owner)
    return verify()
  }
}
