import { pick } from '#web/pages/language.ts'
import { raw } from '#web/pages/page.ts'
import type { PageGroup } from './portal-deps.ts'

/** `/suggest?words=…`: what begins like this, for the list under the search field; `/suggest.json` in OpenSearch's shape. */
export const suggestPages: PageGroup = (pages, { index }) => {
  const suggest = (words: string) => index.suggest(words.slice(0, 100))
  pages.get('/suggest', ({ lang, href, query }) => {
    const found = suggest(query.get('words') ?? '').map(({ kind, value, text, en }) => ({
      kind,
      text: pick(lang, { zh: text, en }),
      href: href(kind === 'member' ? `/members/${value}` : `/datasets/${value}`),
    }))
    return raw('application/json; charset=utf-8', JSON.stringify(found))
  })
  pages.get('/suggest.json', ({ lang, query }) => {
    const words = query.get('words') ?? ''
    const texts = suggest(words).map(({ text, en }) => pick(lang, { zh: text, en }))
    return raw('application/x-suggestions+json; charset=utf-8', JSON.stringify([words, texts]))
  })
}
