import { writeCsvRow } from '#web/pages/csv.ts'
import type { Lang } from '#web/pages/language.ts'
import { pick } from '#web/pages/language.ts'
import { showTime } from '#web/pages/show.ts'
import type { AuditLine } from '../actions/read-audit.ts'
import { nameGroup, VIA_WORDS } from './audit-words.ts'

const HEADS = {
  zh: ['编号', '北京时间', '种类', '谁', '登录方式', '事项', '理由', '哈希'],
  en: ['No.', 'Beijing time', 'Kind', 'Who', 'Came by', 'What', 'Reason', 'Hash'],
} as const

/** The whole trail as CSV (RFC 4180), page by page; the mark at its head tells Excel that it is UTF-8. */
export async function* writeCsv(
  lang: Lang,
  read: (before: number) => Promise<{ items: readonly AuditLine[]; next: number | null }>,
): AsyncGenerator<string> {
  yield `\uFEFF${writeCsvRow(HEADS[lang])}`
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const { items, next } = await read(before)
    for (const { seq, time, kind, actors, via, summary, reason, hash } of items)
      yield writeCsvRow([
        String(seq),
        showTime(lang, time),
        nameGroup(lang, kind),
        actors.join('; ') || (lang === 'zh' ? '共享中心' : 'The hub'),
        via === null ? '' : pick(lang, VIA_WORDS[via] ?? { zh: via }),
        pick(lang, summary),
        reason ?? '',
        hash,
      ])
    before = next
  }
}
