import type { Status } from '#schemas/status-list.ts'
import { badge } from '#web/components/words.ts'
import type { Html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import type { ListedDataset } from '../actions/list-datasets.ts'
import type { EntryState } from '../store/datasets.ts'

/** Where a dataset of ours stands, as a mark. */
export function stateBadge({ t }: Visit, { state, problem }: Pick<ListedDataset, 'state' | 'problem'>): Html {
  if (problem !== undefined) return badge('bad', t('被共享中心退回', 'Refused by the hub'))
  const marks: Record<EntryState, Html> = {
    queued: badge('warn', t('等待送达共享中心', 'On its way to the hub')),
    waiting: badge('warn', t('等待会签', 'Waits for signatures')),
    published: badge('good', t('已发布', 'Published')),
    withdrawn: badge('quiet', t('已撤回', 'Withdrawn')),
    refused: badge('bad', t('被共享中心退回', 'Refused by the hub')),
  }
  return marks[state]
}

/** When the next period is due, and how late it is. */
export function dueBadge({ t }: Visit, { due, daysLate = 0 }: Pick<ListedDataset, 'due' | 'daysLate'>): Html {
  if (due === undefined) return undefined
  return daysLate > 0
    ? badge('bad', t(`已逾期 ${daysLate} 天`, `${daysLate} day${daysLate === 1 ? '' : 's'} late`))
    : t(`${due} 前`, `by ${due}`)
}

/** Of a provider that is suspended or revoked; nothing where it stands well. */
export function providerBadge({ t }: Visit, standing: Status): Html {
  const { zh, en, tone } = STANDING_WORDS[standing]
  return standing !== 'good' && badge(tone, t(`提供方${zh}`, `Provider ${en.toLowerCase()}`))
}

/** The page of a dataset of ours; its slug is what distinguishes it here. */
export function datasetPath(dataset: string): string {
  return `/datasets/${dataset.slice(19)}`
}
