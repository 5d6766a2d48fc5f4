import { badge } from '#web/components/words.ts'
import type { Html } from '#web/pages/html.ts'
import type { Say } from '#web/pages/language.ts'

/** Is this member's word accepted now? */
export function standingBadge(t: Say, standing: string): Html {
  if (standing === 'good') return badge('good', t('正常', 'In good standing'))
  return standing === 'suspended' ? badge('warn', t('已暂停', 'Suspended')) : badge('bad', t('已撤销', 'Revoked'))
}
