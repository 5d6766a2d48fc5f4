import { searchBox } from '#web/components/search-box.ts'
import { linkButton } from '#web/components/words.ts'
import { html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { SearchIndex } from '../index/search-index.ts'
import { nearNames } from './search-nothing.ts'

/** 404 that helps: the words of the address searched for, names that begin alike, and a field to search with. */
export function lostPage(visit: Visit, index: Pick<SearchIndex, 'suggest'>): Page {
  const { t, href, path } = visit
  const words = wordsOf(path)
  return {
    title: t('没有找到这个页面', 'Page not found'),
    status: 404,
    layout: 'text',
    hidden: true,
    scripts: ['suggest.js'],
    body: html`
      <p>${t('地址可能输错了，或者内容从未公布、已经移走。', 'The address may be mistyped, or what was meant was never public or has moved.')}</p>
      ${searchBox(visit, { words })}
      ${nearNames(visit, words === '' ? [] : index.suggest(words))}
      <div class="cluster">${linkButton(href('/datasets'), t('数据目录', 'Catalogue'))}${linkButton(href('/members'), t('协会名录', 'Members'))}${linkButton(href('/'), t('回到首页', 'Front page'))}</div>
    `,
  }
}

/** The last part of an address that says something: `/datasets/…/steel-output` → `steel output`. */
function wordsOf(path: string): string {
  const last = path.split('/').findLast((part) => part !== '') ?? ''
  try {
    return decodeURIComponent(last)
      .replace(/[-_.]+/g, ' ')
      .trim()
      .slice(0, 60)
  } catch {
    return ''
  }
}
