import type { Clock } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import { validate } from '#schemas/validate.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubRequests } from '../exchange-deps.ts'
import type { Certificates } from '../store/certificates.ts'
import type { Facts } from '../store/facts.ts'
import type { PaperRow, Papers } from '../store/papers.ts'
import type { Stories, Story } from '../store/stories.ts'
import type { TrustTexts } from '../store/trust-texts.ts'
import type { ReadStory } from './read-story.ts'
import { stopStory } from './settle-story.ts'
import { type Item, PAGE, parseItem } from './story-item.ts'

interface Deps {
  readonly hub: HubRequests
  readonly clock: Clock
  readonly commit: Commit
  readonly journal: Journal
  readonly log: Logger
  readonly facts: Facts
  readonly stories: Stories
  readonly papers: Papers
  readonly certificates: Certificates
  readonly texts: TrustTexts
  readonly readStory: (item: Item, known: Story | undefined) => ReadStory
  readonly refreshTrust: () => Promise<void>
  /** A story has another state or another document. */
  readonly changed: (story: Story) => void
}

/** Keeps our requests and agreements in step with the hub (Protocol 5.8). */
export type StoryFollower = ReturnType<typeof createStoryFollower>

export function createStoryFollower(deps: Deps) {
  const { hub, facts, stories, papers, log } = deps
  let running: Promise<void> | undefined
  let again = false

  /** Everything that changed since the last time; a call that comes meanwhile leads to another round. */
  function refreshAgreements(): Promise<void> {
    if (running !== undefined) {
      again = true
      return running
    }
    running = rounds().finally(() => {
      running = undefined
    })
    return running
  }

  async function rounds(): Promise<void> {
    do {
      again = false
      await catchUp()
      for (const { request } of stories.unread()) await readAgain(request)
    } while (again)
  }

  async function catchUp(): Promise<void> {
    for (let since: string | null = await startOfList(); since !== null; ) {
      const page: { items: readonly object[]; next: string | null } = validate(
        PAGE,
        await hub.get(`/v1/requests?since=${encodeURIComponent(since)}`),
        'PEER_MISBEHAVED',
      )
      for (const one of page.items) {
        const item = parseItem(one)
        await accept(item)
        since = String(item.changed)
      }
      const cursor = since
      await deps.commit(() => facts.set('cursor', cursor))
      since = page.items.length > 0 ? page.next : null
    }
  }

  /**
   * From the last item we saw on, that item included. A hub that does not have it any more was set back to a backup: its
   * numbers begin anew below our cursor, so everything is read.
   */
  async function startOfList(): Promise<string> {
    const cursor = facts.findNumber('cursor')
    if (cursor === 0) return '0'
    const since = String(cursor - 1)
    const { items } = validate(PAGE, await hub.get(`/v1/requests?since=${since}&limit=1`), 'PEER_MISBEHAVED')
    return items.length > 0 ? String(cursor) : '0'
  }

  /** One that did not verify; what the hub no longer has holds up no other. */
  async function readAgain(request: string): Promise<void> {
    try {
      await readOne(request)
    } catch (error) {
      if (!isRefusal(error, 'REQUEST_UNKNOWN', 'NOT_FOUND', 'PEER_MISBEHAVED')) throw error
      log.warn({ request, refused: error.code }, 'a story that did not verify could not be read again')
    }
  }

  /** One story, as when an event names it or we have just changed it. */
  async function readOne(request: string): Promise<Story | undefined> {
    await accept(parseItem(await hub.get(`/v1/requests/${request}`)))
    return stories.find(request)
  }

  /** Verified and stored; what does not verify is looked at again later, and may stop an agreement meanwhile. */
  async function accept(item: Item): Promise<void> {
    try {
      await store(item, await readTwice(item))
    } catch (error) {
      if (!isRefusal(error)) throw error
      log.warn({ request: item.request, refused: error.code, facts: error.facts }, 'a story of the hub does not verify')
      await deps.commit(() => {
        stories.addUnread(item.request, error.code, deps.clock.now())
        const known = stories.find(item.request)
        if (known === undefined) return
        const stopped = stopStory(known, item)
        if (stopped === known) return
        stories.save(stopped)
        stories.addUnread(item.request, error.code, deps.clock.now())
      })
      const known = stories.find(item.request)
      if (known !== undefined) deps.changed(known)
    }
  }

  /** A signer may have enrolled a moment ago. */
  async function readTwice(item: Item): Promise<ReadStory> {
    try {
      return deps.readStory(item, stories.find(item.request))
    } catch (error) {
      if (!isRefusal(error, 'SIGNER_UNKNOWN')) throw error
      await deps.refreshTrust()
      return deps.readStory(item, stories.find(item.request))
    }
  }

  async function store(item: Item, { story, papers: found }: ReadStory): Promise<void> {
    const before = JSON.stringify(stories.find(item.request))
    const fresh = found.filter((row) => papers.find(row.id)?.text !== row.text)
    await deps.commit(() => {
      for (const row of fresh) keepPaper(row)
      stories.save(story)
    })
    if (fresh.length > 0 || JSON.stringify(stories.find(item.request)) !== before) deps.changed(story)
  }

  /** With the paper what verifies it for ever: its signers' certificates, and the directory of that time. */
  function keepPaper(row: PaperRow): void {
    papers.keep(row)
    deps.journal.append(row.kind, row.id)
    const { signatures } = parseDocument(row.kind, row.text)
    for (const { thumbprint, iat } of signatures) {
      deps.certificates.pin(thumbprint)
      deps.texts.pinDirectoryAt(iat ?? row.iat)
    }
  }

  return { refreshAgreements, readOne, keepPaper }
}
