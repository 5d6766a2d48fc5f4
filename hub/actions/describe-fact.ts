import type { Text } from '#schemas/refusals/entry.ts'
import { nameRoles } from '../role-words.ts'
import type { Office } from './sign-statement.ts'

/** A change in words: who did it, what, why, and which page tells more. */
export interface Described {
  /** Names of operators or members; empty: the hub by itself. */
  readonly actors: readonly string[]
  /** By which door an operator came. */
  readonly via: string | null
  readonly reason: string | null
  readonly summary: Text
  readonly about: { readonly kind: 'agreement' | 'member' | 'admission' | 'dataset'; readonly id: string } | null
}

/** A change that no document states, as it was recorded. */
type Fact = Readonly<Record<string, unknown>>

/** Puts a recorded change into words; the keys are those of whoever recorded it. */
export function describeFact(r: Office, kind: string, fact: Fact): Described {
  const by = textOf(fact, kind === 'code' ? 'operator' : 'by')
  const describe = FACTS[kind]
  const member = textOf(fact, 'member')
  return {
    actors: by === undefined ? [] : [by],
    via: null,
    reason: null,
    summary: describe?.(fact, r) ?? { zh: kind, en: kind },
    about: member === undefined || r.members.find(member) === undefined ? null : { kind: 'member', id: member },
  }
}

const FACTS: Readonly<Record<string, (fact: Fact, r: Office) => Text>> = {
  code: (fact) => ({
    zh: `签发接入码：${shown(fact, 'name')}（${shown(fact, 'member')}）`,
    en: `made a code for ${shown(fact, 'name')} (${shown(fact, 'member')})`,
  }),
  phase: (fact) =>
    fact['phase'] === 'rollout'
      ? { zh: '进入全面推广阶段', en: 'roll-out phase began' }
      : { zh: '回到建设阶段', en: 'back to the construction phase' },
  'operator-added': (fact) => ({
    zh: `管理员 ${shown(fact, 'operator')} 增加角色：${nameRoles('zh', [shown(fact, 'role')])}`,
    en: `${shown(fact, 'operator')} became ${shown(fact, 'role')}`,
  }),
  'operator-removed': (fact) => ({
    zh: `管理员 ${shown(fact, 'operator')} 取消角色：${nameRoles('zh', [shown(fact, 'role')])}`,
    en: `${shown(fact, 'operator')} is no longer ${shown(fact, 'role')}`,
  }),
  'operator-member': (fact, r) => {
    const name = r.members.find(shown(fact, 'member'))?.name ?? shown(fact, 'member')
    return {
      zh: `管理员 ${shown(fact, 'operator')} 的所属成员：${name || '无'}`,
      en: `${shown(fact, 'operator')} belongs to ${name || 'no member'}`,
    }
  },
  'operator-certificate': (fact) => ({
    zh: `签发管理员证书：${shown(fact, 'operator')}`,
    en: `certificate issued to ${shown(fact, 'operator')}`,
  }),
  'root-proposed': (fact) => ({
    zh: `信任根第 ${shown(fact, 'version')} 版等待离线签名`,
    en: `root version ${shown(fact, 'version')} waits for the offline key`,
  }),
  'root-installed': (fact) => ({
    zh: `信任根第 ${shown(fact, 'version')} 版生效`,
    en: `root version ${shown(fact, 'version')} in force`,
  }),
  'root-key-removed': () => ({ zh: '根私钥移出本机', en: 'the root key left this machine' }),
  backup: () => ({ zh: '取走全部数据的备份', en: 'a backup of everything was taken' }),
  'tls-renewed': () => ({ zh: '更换共享中心连接证书', en: "the hub's own TLS certificate was renewed" }),
  'notice-edited': (fact) => edited(fact, { zh: '通知公告', en: 'notice' }),
  'page-edited': (fact) => edited(fact, { zh: '页面文字', en: 'text' }),
  'footer-edited': () => ({ zh: '修改页脚', en: 'edited the footer' }),
  alarm: (fact) => alarm(fact, { zh: '告警', en: 'alarm' }),
  'alarm-ended': (fact) => alarm(fact, { zh: '告警解除', en: 'alarm ended' }),
}

function alarm(fact: Fact, what: Text): Text {
  const { zh, en } = (fact['summary'] as Text | undefined) ?? { zh: shown(fact, 'kind'), en: shown(fact, 'kind') }
  return { zh: `${what.zh}：${zh}`, en: `${what.en}: ${en}` }
}

function edited(fact: Fact, what: Text): Text {
  const title = fact['title'] as Partial<Text> | undefined
  const id = shown(fact, 'id')
  const zh = title?.zh === undefined ? ` ${id}` : `《${title.zh}》`
  const en = title?.en ?? title?.zh ?? id
  return fact['text'] === null
    ? { zh: `恢复原文：${what.zh}${zh}`, en: `reset ${what.en} ${en}` }
    : { zh: `修改${what.zh}${zh}`, en: `edited ${what.en} ${en}` }
}

function shown(fact: Fact, key: string): string {
  return String(fact[key] ?? '')
}

function textOf(fact: Fact, key: string): string | undefined {
  const value = fact[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}
