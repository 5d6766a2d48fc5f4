import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { NodeDeps } from '../deps.ts'
import type { Datasets } from '../store/datasets.ts'
import type { KeptTexts } from '../store/kept-texts.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories } from '../store/stories.ts'
import { type FetchedEntry, fetchDatasetEntry, fetchEntry } from './fetch-entry.ts'

type Deps = Pick<NodeDeps, 'hub' | 'trust' | 'keys' | 'learnLine' | 'commit' | 'clock'> & {
  readonly kept: KeptTexts
  readonly datasets: Datasets
  readonly papers: Papers
  readonly stories: Stories
}

/** What a list says of a dataset: from the newest entry that is known here. */
export interface EntryBrief {
  readonly id: string
  readonly sequence: number
  readonly version: number
  readonly title: CatalogEntry['meta']['title']
}

/** Catalog entries that requests of ours speak of: fetched once, verified, kept, so that cases bear names when the hub is away. */
export type KnownEntries = ReturnType<typeof createKnownEntries>

const AGAIN_SECONDS = 60
const FETCHED_AT_ONCE = 40
const PAYLOADS_HELD = 200
const PAGE_MILLISECONDS = 2_000
const soon = () => new Promise((resolve) => setTimeout(resolve, PAGE_MILLISECONDS).unref())

export function createKnownEntries(deps: Deps) {
  const { stories, commit, clock, kept } = deps
  const shelf = createShelf(deps)
  const lookedAt = new Map<string, number>()
  const withdrawn = new Set<string>()
  let running: Promise<void> | undefined
  let restUntil = 0

  async function keep({ entry: { id, text, payload } }: FetchedEntry): Promise<CatalogEntry> {
    await commit(() => kept.add('catalog-entry', { id, text }))
    return shelf.put(id, payload)
  }

  async function fetchMissing(): Promise<void> {
    const missing = new Set(stories.list().flatMap(({ request }) => shelf.missingOf(request) ?? []))
    for (const id of [...missing].slice(-FETCHED_AT_ONCE)) {
      try {
        await keep(await fetchEntry(deps, id))
      } catch (error) {
        if (!isRefusal(error)) throw error
        restUntil = clock.now() + AGAIN_SECONDS
        if (error.code === 'HUB_UNREACHABLE') return
      }
    }
  }

  async function fetchStanding(dataset: string): Promise<FetchedEntry> {
    try {
      const fetched = await fetchDatasetEntry(deps, dataset)
      withdrawn.delete(dataset)
      return fetched
    } catch (error) {
      if (isRefusal(error, 'DATASET_WITHDRAWN')) withdrawn.add(dataset)
      throw error
    }
  }

  /** The newest entry of each, at most once a minute; what cannot be had stays as it was known. */
  async function fetchAll(wanted: ReadonlySet<string>): Promise<void> {
    for (const dataset of [...wanted].slice(0, FETCHED_AT_ONCE)) {
      if (clock.now() < (lookedAt.get(dataset) ?? 0) + AGAIN_SECONDS) continue
      lookedAt.set(dataset, clock.now())
      try {
        await keep(await fetchStanding(dataset))
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (error.code === 'HUB_UNREACHABLE') return
      }
    }
  }

  return {
    /** By its id, without asking anybody. */
    find: shelf.find,
    /** Of the newest known of a dataset, without asking anybody. */
    brief: shelf.brief,
    /** The newest known of a dataset, whole. */
    ofDataset: (dataset: string): CatalogEntry | undefined => shelf.find(shelf.brief(dataset)?.id ?? ''),
    /** Whether the hub said so when it was last asked. */
    isWithdrawn: (dataset: string): boolean => withdrawn.has(dataset),
    /** Fetches those of all our requests that are missing; a page waits for it two seconds at most. */
    async learn(): Promise<void> {
      if (clock.now() < restUntil) return
      running ??= fetchMissing().finally(() => {
        running = undefined
      })
      await Promise.race([running, soon()])
    },
    /** Looks whether there are newer entries of these datasets; a page waits for it two seconds at most. */
    refresh: async (wanted: readonly string[]): Promise<void> =>
      void (await Promise.race([fetchAll(new Set(wanted)), soon()])),
    /** The entry that stands for a dataset now. DATASET_UNKNOWN, DATASET_WITHDRAWN, HUB_UNREACHABLE. */
    async fetchNewest(
      dataset: string,
    ): Promise<{ readonly payload: CatalogEntry; readonly missing: readonly string[] }> {
      const fetched = await fetchStanding(dataset)
      return { payload: await keep(fetched), missing: fetched.entry.missing }
    },
  }
}

/** What is here already. Entries and requests never change, so that each is read once; few payloads are held whole. */
function createShelf({ kept, datasets, papers, stories }: Deps) {
  const payloads = new Map<string, CatalogEntry>()
  const briefs = new Map<string, EntryBrief>()
  const entries = new Map<string, string>()
  const here = new Set<string>()

  function put(id: string, payload: CatalogEntry): CatalogEntry {
    const { dataset, sequence, version, meta } = payload
    here.add(id)
    if (sequence >= (briefs.get(dataset)?.sequence ?? 0))
      briefs.set(dataset, { id, sequence, version, title: meta.title })
    const [oldest] = payloads.keys()
    if (payloads.size >= PAYLOADS_HELD && oldest !== undefined) payloads.delete(oldest)
    payloads.set(id, payload)
    return payload
  }

  function find(id: string): CatalogEntry | undefined {
    const known = payloads.get(id)
    if (known !== undefined) return known
    const text = datasets.findEntry(id)?.text ?? kept.find('catalog-entry', id)
    return text === undefined ? undefined : put(id, parseDocument('catalog-entry', text).payload)
  }

  /** The entry on which a request was made. */
  function entryOf(request: string): string | undefined {
    const known = entries.get(request)
    const paper = known === undefined ? papers.find(request) : undefined
    if (paper === undefined) return known
    const { entry } = parseDocument('request', paper.text).payload
    entries.set(request, entry)
    return entry
  }

  return {
    put,
    find,
    brief(dataset: string): EntryBrief | undefined {
      const known = briefs.get(dataset)
      if (known !== undefined) return known
      for (const { request, dataset: other } of stories.list()) if (other === dataset) find(entryOf(request) ?? '')
      return briefs.get(dataset)
    },
    /** The entry of a request if it is not here. */
    missingOf(request: string): string | undefined {
      const entry = entryOf(request)
      return entry === undefined || here.has(entry) || find(entry) !== undefined ? undefined : entry
    },
  }
}
