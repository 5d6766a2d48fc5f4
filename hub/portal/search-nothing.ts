import { addressOf, type CatalogQuery, searchParameters } from '#web/pages/catalog-query.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { SearchIndex, Suggestion } from '../index/search-index.ts'

/** No result: why that may be, and ways on. */
export function nothingFound(visit: Visit, search: CatalogQuery, index: Pick<SearchIndex, 'suggest' | 'count'>): Html {
  const { t, href } = visit
  const { words, chosen } = search
  const narrowed = Object.keys(chosen).length > 0
  if (index.count() === 0)
    return html`<div class="empty">
      <p class="empty-title">${t('目录里还没有数据集', 'The catalogue is still empty')}</p>
      <p>${t('成员单位发布第一个数据集后，就会出现在这里。', 'It fills as soon as a member publishes its first dataset.')}</p>
      <p><a href=${href('/guides')}>${t('如何发布数据', 'How to publish')}</a></p>
    </div>`
  return html`<div class="empty">
    <p class="empty-title">${words === '' ? t('没有符合这些条件的数据集', 'No dataset fits') : t(`没有找到与“${words}”有关的数据集`, `Nothing found for “${words}”`)}</p>
    <ul class="ways">
      ${narrowed && html`<li>${t('条件可能太窄：逐个取消上面的条件，或', 'The conditions may be too narrow: take some of them off, or ')}<a href=${addressOf(href('/datasets'), searchParameters({ ...search, chosen: {} }))}>${t('去掉全部条件再搜', 'search without any')}</a>${t('。', '.')}</li>`}
      ${words !== '' && html`<li>${t('换一个更短、更通用的词，例如用“钢铁”代替“钢铁行业月度产量统计表”。', 'Try a shorter, more general word.')}</li>`}
      <li>${t('按行业、主题或协会浏览', 'Browse by industry, theme or association in ')}<a href=${href('/datasets')}>${t('全部数据集', 'the whole catalogue')}</a>${t('。', '.')}</li>
      <li>${t('确实需要但目录里没有的数据，可直接联系相关协会，见', 'For data that nobody lists, ask the association: see ')}<a href=${href('/members')}>${t('协会名录', 'members')}</a>${t('。', '.')}</li>
    </ul>
    ${nearNames(visit, words === '' ? [] : index.suggest(words.slice(0, 2)))}
  </div>`
}

/** Names that begin alike. */
export function nearNames({ t, lang, href }: Visit, found: readonly Suggestion[]): Html {
  if (found.length === 0) return null
  return html`<div class="near"><p>${t('您要找的是不是：', 'Did you mean:')}</p><ul>${found.map(
    ({ kind, value, text, en }) =>
      html`<li><a href=${href(kind === 'member' ? `/members/${value}` : `/datasets/${value}`)}>${pick(lang, { zh: text, en })}</a></li>`,
  )}</ul></div>`
}
