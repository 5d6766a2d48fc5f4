import { isDeepStrictEqual } from 'node:util'
import { SHARING } from '#schemas/codes/sharing.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { showPeriod } from '#web/components/dataset-card.ts'
import { pick } from '#web/pages/language.ts'
import { showBytes } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'

const shownNames = 6

/** What a reader of the version before would notice, in short sentences; the data themselves are not at hand here. */
export function describeChanges({ t, lang }: Visit, before: CatalogEntry, after: CatalogEntry): string[] {
  const list = (names: readonly string[]) =>
    names.length <= shownNames
      ? names.join(t('、', ', '))
      : t(
          `${names.slice(0, shownNames).join('、')}等 ${names.length} 项`,
          `${names.slice(0, shownNames).join(', ')} and ${names.length - shownNames} more`,
        )
  const fields = compare(before.fields ?? [], after.fields ?? [], ({ name }) => name)
  const files = compare(before.files, after.files, ({ path }) => path)
  const [from, to] = [before.meta, after.meta]
  const said: (string | false | undefined)[] = [
    from.title.zh !== to.title.zh && t(`名称原为“${from.title.zh}”`, `was called “${pick(lang, from.title)}”`),
    !isDeepStrictEqual(from.period, to.period) &&
      t(`所属时期：${periodOf(from)} → ${periodOf(to)}`, `period: ${periodOf(from)} → ${periodOf(to)}`),
    fields.added.length > 0 && t(`新增信息项：${list(fields.added)}`, `new fields: ${list(fields.added)}`),
    fields.gone.length > 0 && t(`取消信息项：${list(fields.gone)}`, `fields gone: ${list(fields.gone)}`),
    fields.changed.length > 0 && t(`信息项有改动：${list(fields.changed)}`, `fields changed: ${list(fields.changed)}`),
    files.added.length > 0 && t(`新增文件：${list(files.added)}`, `new files: ${list(files.added)}`),
    files.gone.length > 0 && t(`不再包含文件：${list(files.gone)}`, `files gone: ${list(files.gone)}`),
    before.bytes !== after.bytes &&
      t(
        `数据量：${showBytes(lang, before.bytes)} → ${showBytes(lang, after.bytes)}`,
        `size: ${showBytes(lang, before.bytes)} → ${showBytes(lang, after.bytes)}`,
      ),
    from.sharing !== to.sharing &&
      t(
        `共享类型：${SHARING[from.sharing].zh} → ${SHARING[to.sharing].zh}`,
        `sharing: ${SHARING[from.sharing].en} → ${SHARING[to.sharing].en}`,
      ),
    !isDeepStrictEqual(from.audience.toSorted(), to.audience.toSorted()) &&
      t('可申请的单位有变化', 'who may apply has changed'),
    !isDeepStrictEqual(from.price, to.price) && t('价格有变化', 'the price has changed'),
    before.sample === undefined && after.sample !== undefined && t('新增公开样例', 'a public sample was added'),
    before.sample !== undefined && after.sample === undefined && t('不再附公开样例', 'the public sample is gone'),
    !isDeepStrictEqual(from.description, to.description) && t('摘要有改动', 'the abstract was edited'),
  ]
  return said.filter((one) => typeof one === 'string')
}

function periodOf({ period }: CatalogEntry['meta']): string {
  return period === undefined ? '—' : showPeriod(period)
}

function compare<T>(before: readonly T[], after: readonly T[], keyOf: (one: T) => string) {
  const [old, now] = [new Map(before.map((one) => [keyOf(one), one])), new Map(after.map((one) => [keyOf(one), one]))]
  return {
    added: [...now.keys()].filter((key) => !old.has(key)),
    gone: [...old.keys()].filter((key) => !now.has(key)),
    changed: [...now.keys()].filter((key) => old.has(key) && !isSameButSize(old.get(key), now.get(key))),
  }
}

/** A file's size is told by the size of the whole. */
function isSameButSize(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual({ ...(one as object), bytes: 0 }, { ...(other as object), bytes: 0 })
}
