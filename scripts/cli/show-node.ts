import type { Render } from './command.ts'
import { asFacts, asSentence, showRows } from './show-result.ts'
import { printable, showBytes, showValue } from './values-for-people.ts'

interface Item {
  readonly [key: string]: unknown
}

/** A request, and the agreement where there is one already. */
export const showRequested: Render = (result: Item, language) =>
  result['agreement'] === undefined || result['agreement'] === null
    ? asSentence({ zh: '申请 {request}：{state}', en: 'Request {request}: {state}' })(result as never, language)
    : asSentence({
        zh: '申请 {request}：{state}；协议 {agreement}',
        en: 'Request {request}: {state}; agreement {agreement}',
      })(result as never, language)

/** What was published; a proposed schema is shown, since nobody has confirmed it yet. */
export const showPublished: Render = (result: Item, language) => {
  const head = asFacts({ zh: '已发布 {dataset} 第 {version} 版', en: 'Published {dataset}, version {version}' }, [
    'bytes',
    'chunks',
    'manifest',
  ])(result as never, language)
  if (result['proposed'] !== true) return head
  const note =
    language === 'zh'
      ? '表结构由数据自动拟定，请核对；要固定它，存为文件并用 --schema 指定：'
      : 'The table schema was proposed from the data; to settle it, save it and give --schema:'
  return `${head}\n${note}\n${JSON.stringify(result['schema'], null, 2)}`
}

/** What came, where it lies, and how much of it had to be fetched. */
export const showPulled: Render = (result: Item, language) => {
  const files = (result['files'] as readonly { path: string; sha256: string; bytes?: number }[]).map(
    ({ path, sha256, bytes }) =>
      `  ✓ ${printable(path)}  ${bytes === undefined ? '' : showBytes(bytes)}  sha256 ${sha256.slice(0, 16)}…`,
  )
  const facts = {
    ...result,
    bytes: showBytes(Number(result['bytes'])),
    fetchedBytes: showBytes(Number(result['fetchedBytes'])),
  }
  const head = asSentence({
    zh: '已调取并逐块校验 {dataset} 第 {version} 版：{bytes}，其中传输 {fetchedBytes}',
    en: 'Pulled {dataset}, version {version}, every chunk verified: {bytes}, {fetchedBytes} of it fetched',
  })(facts as never, language)
  const tail = asSentence({ zh: '目录 {dir}；证明文件 {proof}', en: 'in {dir}; proof file {proof}' })(
    facts as never,
    language,
  )
  const spent = asSentence({
    zh: '调取次数已用完：这是此前计过次、尚未交付的一次，更新的版本需重新申请',
    en: 'No pulls are left: this is one that counted before and was not handed over; ask again for a newer version',
  })(facts as never, language)
  return [head, ...files, tail, ...(result['pullsSpent'] === true ? [spent] : [])].join('\n')
}

/** Hits, counts by facet, and how to go on. */
export const showSearch: Render = (result: Item, language) => {
  const none = { zh: '没有找到。', en: 'Nothing found.' }
  const table = showRows(result['items'], ['dataset', 'title', 'memberName', 'version', 'sharing'], none, language)
  const next = result['next']
  if (typeof next !== 'string' || next === '') return table
  return `${table}\n${language === 'zh' ? '下一页' : 'next page'}: --cursor ${next}`
}

/** ✓ or ✗ for each check, and what to do about the bad ones. */
export const showChecks: Render = (result: Item, language) => {
  const checks = (result['checks'] ?? []) as readonly {
    name: string
    ok: boolean
    detail?: unknown
    remedy?: unknown
    command?: string
  }[]
  const lines = checks.map(({ name, ok, detail, remedy, command }) => {
    // Where nothing is wrong, `remedy` says how it is.
    const note = detail ?? (ok ? remedy : undefined)
    const says = note === undefined ? '' : `  ${showValue('detail', note, language)}`
    const todo =
      ok || remedy === undefined || remedy === null || remedy === ''
        ? ''
        : `\n    → ${showValue('remedy', remedy, language)}${command === undefined ? '' : `\n      ${command}`}`
    return `${ok ? '✓' : '✗'} ${printable(name)}${says}${todo}`
  })
  const bad = checks.filter(({ ok }) => !ok).length
  const sum = {
    zh: bad === 0 ? '一切正常' : `${bad} 项需要处理`,
    en: bad === 0 ? 'all is well' : `${bad} to be seen to`,
  }
  return [...lines, sum[language]].join('\n')
}
