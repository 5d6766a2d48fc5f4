import type { Text } from '#schemas/refusals/entry.ts'

export type Language = 'zh' | 'en'

/** `--lang` > HANGHUI_LANG > locale (POSIX order); Chinese for `zh*`, else English. */
export function chooseLanguage(flag: string | undefined, env: NodeJS.ProcessEnv): Language {
  const wanted = flag || env['HANGHUI_LANG'] || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** `{name}` in both sentences replaced by the facts. */
export function fillText({ zh, en }: Text, facts: Readonly<Record<string, unknown>>): Text {
  const fill = (sentence: string) => sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? ''))
  return { zh: fill(zh), en: fill(en) }
}
