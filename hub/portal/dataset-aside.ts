import type { CatalogEntry } from '#schemas/kinds.ts'
import { copyable } from '#web/components/copyable.ts'
import { facts, linkButton, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showBytes, showDay, showNumber } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'

/** What the aside tells beside the entry itself. */
export interface AsideFacts {
  readonly providerName: string
  readonly use: { readonly pulls: number; readonly bytes: number }
  readonly hub: { readonly name: string; readonly public: string }
  /** Unix seconds. */
  readonly now: number
}

/** Above everything, so that it is in sight on a phone too: how to get the data, and whether the page can be believed. `open`: they can be applied for now. */
export function datasetActions({ t, href }: Visit, { dataset }: CatalogEntry, open: boolean): Html {
  return html`<div class="cluster no-print">
    ${open && linkButton('#apply', t('如何申请', 'How to apply'), 'primary')}
    <form action=${href(`/datasets/${dataset}/check`)} method="get"><button class="button plain" type="submit">${t('核验签名', 'Check the signature')}</button></form>
    <span class="small quiet-text">${t('当场核对文件、证书和根证书。', 'Checks document, certificate and root right now.')}</span>
  </div>`
}

/** Beside the description: who uses it, how to cite it, what machines read. */
export function datasetAside(visit: Visit, entry: CatalogEntry, aside: AsideFacts): Html {
  const { t, lang, href } = visit
  const at = href(`/datasets/${entry.dataset}`)
  return html`<aside class="stack" aria-label=${t('使用与引用', 'Use and citation')}>
    ${section(t('使用情况', 'Use'), usage(visit, aside), { id: 'use', card: true })}
    ${section(t('引用', 'Cite'), copyable(citation(visit, entry, aside), t('复制', 'Copy')), { level: 2, card: true })}
    ${section(
      t('机读格式', 'For machines'),
      html`<ul class="plain-list">
        <li><a href=${`/datasets/${entry.dataset}/dcat.json`}>DCAT 3 (JSON-LD)</a></li>
        <li><a href=${`/datasets/${entry.dataset}/metadata.json`}>${t('政务信息资源核心元数据（JSON）', 'Core metadata of the Chinese guide (JSON)')}</a></li>
        <li><a href=${`/api/v1/datasets/${entry.dataset}`}>${t('开放接口（JSON）', 'Open API (JSON)')}</a></li>
        <li><a href=${`/datasets/${entry.dataset}/document.json`}>${t('签名原件（JWS）', 'Signed document (JWS)')}</a></li>
      </ul>`,
      { level: 2, card: true },
    )}
    ${section(
      t('订阅更新', 'Follow'),
      html`<p>${t('有新版本或撤回时通知：', 'Told of new versions and of withdrawal: ')}<a href=${`${at}/feed.atom`}>Atom</a>${t('、', ', ')}<a href=${`${at}/feed.json`}>JSON Feed</a></p>`,
      { level: 2, card: true },
    )}
    <p class="small quiet-text">${t('数据集编号', 'Dataset id')} <code class="hash">${entry.dataset}</code><br />${t('说明最后签名于', 'Description last signed')} ${showDay(lang, entry.iat)}</p>
  </aside>`
}

function usage({ t, lang }: Visit, { use }: AsideFacts): Html {
  if (use.pulls === 0) return html`<p class="quiet-text">${t('尚未被调取。', 'Not pulled yet.')}</p>`
  return html`${facts([
    [t('调取次数', 'Pulls'), showNumber(lang, use.pulls)],
    [t('累计数据量', 'Bytes'), showBytes(lang, use.bytes)],
  ])}<p class="small quiet-text">${t('只公布次数和数据量，不公布调取单位。', 'Counts and bytes only; who pulled is not public.')}</p>`
}

/** GB/T 7714-2015, a dataset online: `责任者. 题名[DS/OL]. 版本. 出版者, (更新日期)[引用日期]. 地址.` */
function citation({ lang, href }: Visit, entry: CatalogEntry, { providerName, hub, now }: AsideFacts): string {
  const version = lang === 'zh' ? `第 ${entry.version} 版` : `version ${entry.version}`
  const address = `${hub.public}${href(`/datasets/${entry.dataset}`)}`
  return `${providerName}. ${pick(lang, entry.meta.title)}[DS/OL]. ${version}. ${hub.name}, (${showDay(lang, entry.modified)})[${showDay(lang, now)}]. ${address}.`
}
