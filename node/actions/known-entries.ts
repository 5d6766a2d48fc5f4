import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { NodeDeps } from '../deps.ts'
import type { Datasets } from '../store/datasets.ts'
import type { KeptTexts } from '../store/kept-texts.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories } from '../store/stories.ts'
import { fetchDatasetEntry, fetchEntry } from './fetch-entry.ts'

type Deps = Pick<NodeDeps, 'hub' | 'trust' | 'keys' | 'learnLine' | 'commit' | 'clock'> & {
  readonly kept: KeptTexts
  readonly datasets: Datasets
  readonly papers: Papers
  readonly stories: Stories
}

/** Catalog entries that requests of ours speak of: fetched once, verified, kept, so that cases bear names when the hub is away. */
export type KnownEntries = ReturnType<typeof createKnownEntries>

const AGAIN_SECONDS = 60
const FETCHED_AT_ONCE = 40
const PAGE_MILLISECONDS = 2_000
const soon = () => new Promise((resolve) => setTimeout(resolve, PAGE_MILLISECONDS).unref())

export function createKnownEntries(deps: Deps) {
  const { kept, datasets, papers, stories, commit, clock } = deps
  const payloads = new Map<string, CatalogEntry>()
  const newest = new Map<string, CatalogEntry>()
  let running: Promise<void> | undefined
  const lookedAt = new Map<string, number>()
  let restUntil = 0

  /** By its id, without asking anybody. */
  function find(id: string): CatalogEntry | undefined {
    const known = payloads.get(id)
    if (known !== undefined) return known
    const text = datasets.findEntry(id)?.text ?? kept.find('catalog-entry', id)
    if (text === undefined) return undefined
    const { payload } = parseDocument('catalog-entry', text)
    return remember(id, payload)
  }

  function remember(id: string, payload: CatalogEntry): CatalogEntry {
    payloads.set(id, payload)
    if (payload.sequence >= (newest.get(payload.dataset)?.sequence ?? 0)) newest.set(payload.dataset, payload)
    return payload
  }

  /** The entry on which a request was made. */
  const entryOf = (request: string): string | undefined => {
    const paper = papers.find(request)
    return paper && parseDocument('request', paper.text).payload.entry
  }

  async function keep(fetched: Awaited<ReturnType<typeof fetchEntry>>): Promise<CatalogEntry> {
    const { id, text, payload } = fetched.entry
    await commit(() => kept.add('catalog-entry', { id, text }))
    return remember(id, payload)
  }

  async function fetchMissing(): Promise<void> {
    const wanted = stories.list().flatMap(({ request }) => entryOf(request) ?? [])
    const missing = [...new Set(wanted)].filter((id) => find(id) === undefined).slice(-FETCHED_AT_ONCE)
    for (const id of missing) {
      try {
        await keep(await fetchEntry(deps, id))
      } catch (error) {
        if (!isRefusal(error)) throw error
        restUntil = clock.now() + AGAIN_SECONDS
        if (error.code === 'HUB_UNREACHABLE') return
      }
    }
  }

  /** The newest entry of each, at most once a minute; what cannot be had stays as it was known. */
  async function fetchAll(wanted: readonly string[]): Promise<void> {
    for (const dataset of wanted.slice(0, FETCHED_AT_ONCE)) {
      if (clock.now() < (lookedAt.get(dataset) ?? 0) + AGAIN_SECONDS) continue
      lookedAt.set(dataset, clock.now())
      try {
        await keep(await fetchDatasetEntry(deps, dataset))
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (error.code === 'HUB_UNREACHABLE') return
      }
    }
  }

  return {
    find,
    entryOf,
    /** The newest known of a dataset, without asking anybody. */
    ofDataset(dataset: string): CatalogEntry | undefined {
      const known = newest.get(dataset)
      if (known !== undefined) return known
      for (const { request, dataset: other } of stories.list()) if (other === dataset) find(entryOf(request) ?? '')
      return newest.get(dataset)
    },
    /** Fetches those of all our requests that are missing; a page waits for it two seconds at most. */
    async learn(): Promise<void> {
      if (clock.now() < restUntil) return
      running ??= fetchMissing().finally(() => {
        running = undefined
      })
      await Promise.race([running, soon()])
    },
    /** Looks whether there are newer entries of these datasets; a page waits for it two seconds at most. */
    async refresh(wanted: readonly string[]): Promise<void> {
      const work = fetchAll([...new Set(wanted)])
      await Promise.race([work, soon()])
    },
    /** The entry that stands for a dataset now. DATASET_UNKNOWN, DATASET_WITHDRAWN, HUB_UNREACHABLE. */
    async fetchNewest(
      dataset: string,
    ): Promise<{ readonly payload: CatalogEntry; readonly missing: readonly string[] }> {
      const fetched = await fetchDatasetEntry(deps, dataset)
      return { payload: await keep(fetched), missing: fetched.entry.missing }
    },
  }
}
