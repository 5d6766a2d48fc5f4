import { type Html, html } from '../pages/html.ts'
import type { Visit } from '../pages/visit.ts'

/**
 * The search field: a form that works by itself; `suggest.js` hangs a list of suggestions on it. `kept`: what else of the
 * search goes on (facets, order).
 */
export function searchBox(
  { t, href }: Visit,
  {
    words = '',
    kept = [],
    big = false,
    action = '/datasets',
    suggest = true,
  }: {
    words?: string
    kept?: readonly (readonly [name: string, value: string])[]
    big?: boolean
    action?: string
    suggest?: boolean
  } = {},
): Html {
  const label = t('搜索数据集、协会、关键词', 'Search datasets, associations, keywords')
  return html`<form class=${big ? 'search big' : 'search'} role="search" action=${href(action)} method="get">
    <div class="search-field">
      <input type="search" id="search-words" name="words" value=${words} maxlength="200" aria-label=${label} placeholder=${label} autocomplete="off" enterkeyhint="search" data-suggest=${suggest ? href('/suggest') : undefined} data-member=${t('提供方', 'Provider')} />
    </div>
    ${kept.map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)}
    <button class="button primary" type="submit">${t('搜索', 'Search')}</button>
  </form>`
}
