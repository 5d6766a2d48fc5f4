/** Pages are Chinese first, English second. */
export type Lang = 'zh' | 'en'

/** A text that may lack its English. */
export interface TextOf {
  readonly zh: string
  readonly en?: string | undefined
}

/** Says the one of two sentences that the page's language asks for. */
export type Say = (zh: string, en: string) => string

/** `const t = sayIn(lang)`, then `t('数据目录', 'Catalogue')`. */
export function sayIn(lang: Lang): Say {
  return (zh, en) => (lang === 'zh' ? zh : en)
}

/** The text in the page's language; Chinese where there is no English. */
export function pick(lang: Lang, text: TextOf): string {
  return lang === 'en' && text.en !== undefined && text.en !== '' ? text.en : text.zh
}

/** `lang` of what `pick` gives, where that is not the page's own language (WCAG 2.2, 3.1.2). */
export function langOf(lang: Lang, text: TextOf): 'zh-CN' | undefined {
  return lang === 'en' && pick(lang, text) === text.zh ? 'zh-CN' : undefined
}

/** The path in a language: Chinese pages lie at `/`, English ones at `/en/`. */
export function pathIn(lang: Lang, path: string): string {
  return lang === 'en' ? `/en${path}` : path
}

/** The language of a path as asked for, and the path without it. */
export function splitPath(path: string): { lang: Lang; path: string } {
  if (path === '/en') return { lang: 'en', path: '/' }
  return path.startsWith('/en/') ? { lang: 'en', path: path.slice(3) } : { lang: 'zh', path }
}
