import { onlySignature, parseDocument, verifySignature } from '#schemas/document.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubRequests } from '../exchange-deps.ts'
import { type Datasets, type EntryRow, payloadOf } from '../store/datasets.ts'
import { fetchDatasetEntry, fetchEntry } from './fetch-entry.ts'
import { stateOf } from './settle-publications.ts'

interface Deps {
  readonly hub: Pick<HubRequests, 'get'>
  readonly trust: Pick<Trust, 'net'>
  readonly keys: Pick<AgreementKeys, 'member'>
  readonly learnLine: (member: string) => Promise<void>
  readonly commit: Commit
  readonly journal: Journal
  readonly datasets: Datasets
  readonly log: Pick<Logger, 'warn'>
  readonly pinPaper: (text: string) => void
}

/** What co-owners have done to our JOINT datasets, as the hub tells and their signatures prove. Gives the datasets that changed. HUB_UNREACHABLE. */
export function createFollowJoint(deps: Deps) {
  async function follow(dataset: string): Promise<boolean> {
    const newest = deps.datasets.newest(dataset)
    if (newest === undefined || newest.kind === 'tombstone' || payloadOf(newest).owners.length === 1) return false
    const moved = newest.state === 'waiting' ? await followWaiting(deps, newest) : false
    return (await followTombstone(deps, newest)) || moved
  }

  return async (): Promise<string[]> => {
    const changed: string[] = []
    for (const dataset of deps.datasets.list()) {
      try {
        if (await follow(dataset)) changed.push(dataset)
      } catch (error) {
        if (!isRefusal(error) || error.code === 'HUB_UNREACHABLE') throw error
        // What does not prove itself changes nothing, and holds up no other dataset.
        deps.log.warn({ dataset, refused: error.code }, 'the hub told of a JOINT dataset what could not be verified')
      }
    }
    return changed
  }
}

/** Signatures that have come in, and whether the last one has. */
async function followWaiting(deps: Deps, row: EntryRow): Promise<boolean> {
  const found = await unlessRefused(fetchEntry(deps, row.id), 'NOT_FOUND')
  if (found === undefined) return false
  const { entry } = found
  const state = entry.missing.length === 0 ? stateOf(found) : found.state === 'withdrawn' ? 'withdrawn' : 'waiting'
  if (entry.text === row.text && state === row.state) return false
  await deps.commit(() => {
    deps.datasets.setText(row.id, entry.text)
    deps.datasets.setState(row.id, state)
    deps.pinPaper(entry.text)
    deps.journal.append('catalog-entry', row.id)
  })
  return state !== row.state
}

/** Contract, Agreement: one owner's tombstone is enough, and the publisher's node obeys it. */
async function followTombstone(deps: Deps, newest: EntryRow): Promise<boolean> {
  const { dataset } = newest
  try {
    await fetchDatasetEntry(deps, dataset)
    return false
  } catch (error) {
    if (isRefusal(error, 'DATASET_UNKNOWN')) return false
    if (!isRefusal(error, 'DATASET_WITHDRAWN')) throw error
    return takeTombstone(deps, newest, String(error.facts['tombstone']))
  }
}

async function takeTombstone(
  { trust, keys, commit, datasets, journal, pinPaper }: Deps,
  newest: EntryRow,
  text: string,
): Promise<boolean> {
  const document = parseDocument('tombstone', text)
  const { payload } = document
  const signature = onlySignature(document)
  const { member, publicKey } = keys.member(signature.thumbprint, payload.iat)
  verifySignature(signature, publicKey)
  const { dataset, terms, version } = newest
  const { owners } = payloadOf(newest)
  if (
    !(document.net === trust.net && payload.dataset === dataset && payload.member === member && owners.includes(member))
  )
    throw new Refusal('NAMESPACE_FOREIGN', { dataset, member })
  // A word of ours that the hub has yet to refuse stands in its place; it is looked at again afterwards.
  if (!(payload.sequence > newest.sequence)) return false
  await commit(() => {
    datasets.addEntry({
      id: document.id,
      dataset,
      sequence: payload.sequence,
      kind: 'tombstone',
      terms,
      version,
      text,
      state: 'withdrawn',
      problem: null,
    })
    pinPaper(text)
    journal.append('tombstone', document.id)
  })
  return true
}

async function unlessRefused<T>(asked: Promise<T>, code: 'NOT_FOUND'): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isRefusal(error, code)) return undefined
    throw error
  }
}
