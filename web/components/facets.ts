import { type Html, html } from '../pages/html.ts'
import type { Lang, Say } from '../pages/language.ts'
import { showNumber } from '../pages/show.ts'

/** One value to choose or, when chosen, to take back; `href` does it. */
export interface FacetLink {
  readonly href: string
  readonly text: string
  readonly count: number
  readonly chosen: boolean
  readonly children?: readonly FacetLink[]
}

/** One facet with its values, most frequent first. `all`: where every value is listed, if some are left out here. */
export interface FacetGroup {
  readonly name: string
  readonly links: readonly FacetLink[]
  readonly all?: { readonly href: string; readonly count: number } | undefined
}

/** What narrows a search down. On a phone the whole panel folds (portal.css opens it on wide screens). */
export function facetList(lang: Lang, t: Say, groups: readonly FacetGroup[], chosen: number): Html {
  const shown = groups.filter(({ links }) => links.length > 0)
  return html`<details class="facets">
    <summary>${t('筛选', 'Narrow down')}${chosen > 0 && html` <span class="count">${chosen}</span>`}</summary>
    <h2 class="hidden-text">${t('筛选条件', 'Facets')}</h2>
    ${shown.map(
      ({ name, links, all }) => html`<section class="facet">
        <h3>${name}</h3>
        ${linkList(lang, t, links)}
        ${all !== undefined && html`<a class="facet-all" href=${all.href} rel="nofollow">${t(`全部 ${all.count} 项`, `All ${all.count}`)}</a>`}
      </section>`,
    )}
  </details>`
}

function linkList(lang: Lang, t: Say, links: readonly FacetLink[]): Html {
  return html`<ul>${links.map(
    ({ href, text, count, chosen, children = [] }) => html`<li>
      <a href=${href} rel="nofollow" aria-current=${chosen ? 'true' : undefined}><span>${chosen && html`<span aria-hidden="true">✓ </span><span class="hidden-text">${t('已选：', 'Chosen: ')}</span>`}${text}</span><span class="facet-count">${showNumber(lang, count)}</span></a>
      ${children.length > 0 && linkList(lang, t, children)}
    </li>`,
  )}</ul>`
}

/** What is chosen, each to be taken off by one click. */
export function chips(
  t: Say,
  chosen: readonly { readonly facet: string; readonly text: string; readonly href: string }[],
  clear: string,
): Html {
  if (chosen.length === 0) return null
  return html`<ul class="chips" aria-label=${t('已选条件', 'Chosen')}>
    ${chosen.map(
      ({ facet, text, href }) =>
        html`<li><a class="chip" href=${href} rel="nofollow"><span class="hidden-text">${t('取消：', 'Remove: ')}</span>${facet}${t('：', ': ')}${text} <span aria-hidden="true">×</span></a></li>`,
    )}
    <li><a class="chip clear" href=${clear} rel="nofollow">${t('全部清除', 'Clear all')}</a></li>
  </ul>`
}
