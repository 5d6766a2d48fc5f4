import type { Text } from '#schemas/refusals/entry.ts'
import { table } from '#web/components/table.ts'
import { emptyState } from '#web/components/words.ts'
import { html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showAgo, showTime } from '#web/pages/show.ts'
import type { OperatorGroup } from './operator-pages.ts'

interface Alarm {
  readonly id: string
  readonly kind: string
  readonly since: string
  readonly summary: Text
}

/** Alarms that stand; each goes away by itself once its reason is gone. */
export const alarmsPages: OperatorGroup = (site) => {
  site.get('/alarms', { roles: 'any' }, async (visit) => {
    const { t, lang, now } = visit
    const alarms = await visit.act<Alarm[]>('alarms')
    return {
      title: t('告警', 'Alarms'),
      lead: t(
        '需要有人查看的情况。原因消除后告警自动解除。',
        'What somebody should look at. An alarm ends by itself once its reason is gone.',
      ),
      body: table({
        caption: t('告警', 'Alarms'),
        stacked: true,
        rows: alarms,
        empty: emptyState(t('没有告警', 'No alarms'), t('一切正常。', 'All is well.')),
        columns: [
          { head: t('情况', 'What'), kind: 'row', cell: ({ summary }) => pick(lang, summary) },
          {
            head: t('持续', 'Since'),
            cell: ({ since }) =>
              html`${showAgo(lang, since, now)} <span class="small quiet-text">${showTime(lang, since)}</span>`,
          },
          { head: t('代码', 'Code'), kind: 'small', cell: ({ kind }) => html`<code>${kind}</code>` },
        ],
      }),
    }
  })
}
