import type { Status } from '#schemas/status-list.ts'
import { badge, notice } from '#web/components/words.ts'
import type { Html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'

type Words = Pick<Visit, 't' | 'lang'>

/** Is this member's word accepted now? */
export function standingBadge({ lang }: Words, standing: Status): Html {
  const word = STANDING_WORDS[standing]
  return badge(word.tone, pick(lang, word))
}

/** Beside a dataset: only where its provider cannot serve it. A member the directory no longer lists is out for good. */
export function providerBadge({ t }: Words, standing: Status = 'revoked'): Html {
  if (standing === 'good') return null
  return standing === 'suspended'
    ? badge('warn', t('提供方已暂停', 'Provider suspended'))
    : badge('bad', t('提供方已吊销', 'Provider revoked'))
}

/** At the top of a dataset's page, where its provider cannot serve it: what that means for whoever came for the data. */
export function providerNotice({ t }: Words, name: string, standing: Status): Html {
  if (standing === 'good') return null
  return standing === 'suspended'
    ? notice('warn', {
        title: t(
          `提供方${name}已暂停，现在不能申请和调取`,
          `${name}, the provider, is suspended: no requests, no pulls`,
        ),
        body: t(
          '恢复后可以继续。本页说明仍由提供方签名，可以核验。',
          'They go on once it is resumed. What is said here bears its signature and can be checked.',
        ),
      })
    : notice('bad', {
        title: t(
          `提供方${name}已吊销，不能再申请和调取`,
          `${name}, the provider, is revoked: no requests, no pulls any more`,
        ),
        body: t(
          '本页只作记录保留。需要同类数据请在数据目录中另找。',
          'This page stays as a record. Look in the catalogue for data like these.',
        ),
      })
}
