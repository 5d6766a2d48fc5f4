import type { Clock } from '#schemas/clock.ts'
import { fromRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { Party } from '#schemas/transitions.ts'
import type { AgreementRecord, KnownAgreements } from '../exchange-deps.ts'
import type { Papers } from '../store/papers.ts'
import type { Stories, Story } from '../store/stories.ts'

interface Deps {
  readonly stories: Stories
  readonly papers: Papers
  readonly clock: Clock
}

/** Agreements of ours as rights rest on them; in memory, since every range of a transfer asks. */
export interface AgreementBook extends KnownAgreements {
  /** To be called after a story has been saved. */
  learn(story: Story): void
}

export function createAgreementBook({ stories, papers, clock }: Deps): AgreementBook {
  const records = new Map<string, AgreementRecord>()
  const byPair = new Map<string, readonly string[]>()

  function learn(story: Story): void {
    const record = recordOf(story, papers)
    if (record === undefined) return
    const pair = `${story.consumer} ${story.dataset}`
    if (!records.has(record.id)) byPair.set(pair, [...(byPair.get(pair) ?? []), record.id])
    records.set(record.id, record)
  }

  for (const story of stories.list()) learn(story)

  /** An agreement ends at its hour, whoever is away. */
  function atThisHour(record: AgreementRecord): AgreementRecord {
    const isOver = record.state !== 'TERMINATED' && !(clock.now() < fromRfc3339(record.payload.terms.until))
    return isOver ? { ...record, state: 'TERMINATED', cause: 'expired' } : record
  }

  return {
    learn,
    find(id) {
      const record = records.get(id)
      return record && atThisHour(record)
    },
    between: (consumer, dataset) =>
      (byPair.get(`${consumer} ${dataset}`) ?? []).map((id) => atThisHour(records.get(id) as AgreementRecord)),
    list: () => [...records.values()].map(atThisHour),
  }
}

function recordOf(story: Story, papers: Papers): AgreementRecord | undefined {
  const paper = story.agreement === null ? undefined : papers.find(story.agreement)
  if (paper === undefined) return undefined
  const roleOf = (party: string): Party => (party === 'hub' ? 'hub' : party === story.consumer ? 'consumer' : 'owner')
  return {
    id: paper.id,
    text: paper.text,
    payload: parseDocument('agreement', paper.text).payload,
    state: story.state,
    cause: story.cause,
    suspendedBy: [...new Set(story.suspendedBy.map(roleOf))],
    endedBy: story.endedBy === null ? null : roleOf(story.endedBy),
    signers: new Map(Object.entries(story.signers)),
  }
}
