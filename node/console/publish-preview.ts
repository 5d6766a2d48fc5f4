import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { datasetFacts, fieldTable, fileTable, rightsInWords } from '#web/components/dataset-view.ts'
import { sampleTable } from '#web/components/sample-table.ts'
import { notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { Draft } from '../store/drafts.ts'
import type { NodePagesDeps } from './node-pages.ts'
import { type Obstacle, stepPath } from './publish-steps.ts'

/** Step 5: the dataset's public page as it will be, by the very parts that the portal is made of. */
export function previewBody(visit: Visit, deps: NodePagesDeps, record: CatalogRecord): Html {
  const { t, lang } = visit
  const { meta, sample } = record
  const nameOf = deps.nameOf
  return html`<article class="public-preview card" aria-label=${t('公开页面预览', 'Preview of the public page')}>
    <h2>${lang === 'en' ? (meta.title.en ?? meta.title.zh) : meta.title.zh}</h2>
    ${section(t('怎样取得', 'How to get it'), rightsInWords(lang, record), { level: 3 })}
    ${section(
      t('目录信息', 'Catalogue entry'),
      datasetFacts(lang, record, {
        provider: nameOf(record.member),
        owners: (meta.owners ?? []).map(nameOf).join(t('、', ', ')),
        related:
          Object.values(meta.relations ?? {})
            .flat()
            .join(t('、', ', ')) || undefined,
      }),
      { level: 3 },
    )}
    ${section(t('信息项', 'Fields'), fieldTable(lang, record.fields ?? []), { level: 3 })}
    ${section(t('文件', 'Files'), fileTable(lang, record.files), { level: 3 })}
    ${sample !== undefined && section(t('公开样例', 'Public sample'), sampleTable(lang, sample), { level: 3 })}
  </article>`
}

/** What still has to be mended, each with the way to where. */
export function obstacleList(visit: Visit, draft: Draft, obstacles: readonly Obstacle[]): Html {
  const { t, href } = visit
  return notice('warn', {
    title: t('还不能发布', 'It cannot be published yet'),
    body: html`<ul>${obstacles.map(({ step, says }) => html`<li><a href=${href(stepPath(draft, step))}>${says}</a></li>`)}</ul>`,
  })
}
