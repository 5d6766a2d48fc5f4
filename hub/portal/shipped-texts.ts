import { readFileSync } from 'node:fs'
import type { TextPage } from '../store/contents.ts'

/** Texts that come with the software, in the order of their columns. Files are `<slug with - for />.<language>.md`. */
const SLUGS = [
  'about',
  'guides/join',
  'guides/publish',
  'guides/request',
  'guides/verify',
  'standards/metadata',
  'standards/codes',
  'standards/protocol',
] as const

/** Gaps leave room for an operator's own between them. */
const STEP = 10

export const SHIPPED: readonly TextPage[] = SLUGS.map((slug, index) => {
  const [zh, en] = [readText(slug, 'zh'), readText(slug, 'en')]
  return {
    slug,
    title: { zh: zh.title, en: en.title },
    body: { zh: zh.body, en: en.body },
    order: (index + 1) * STEP,
  }
})

/** The first line is the title. */
function readText(slug: string, lang: 'zh' | 'en'): { title: string; body: string } {
  const file = new URL(`./texts/${slug.replace('/', '-')}.${lang}.md`, import.meta.url)
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n')
  return { title: first.replace(/^#\s*/, ''), body: rest.join('\n').trim() }
}
