import { type Lang, pick } from '#web/pages/language.ts'
import { AUDIT_GROUPS, type AuditGroup } from '../actions/read-audit.ts'

/** What the trail is filtered by. */
export const GROUP_WORDS: Readonly<Record<AuditGroup, { zh: string; en: string }>> = {
  decisions: { zh: '决定', en: 'Decisions' },
  members: { zh: '接入、证书和担保', en: 'Admissions, certificates, sponsors' },
  catalog: { zh: '目录', en: 'Catalogue' },
  agreements: { zh: '申请和协议', en: 'Requests and agreements' },
  pulls: { zh: '授权和调取', en: 'Grants and pulls' },
  keys: { zh: '信任根、目录和密钥', en: 'Root, directory, keys' },
  settings: { zh: '设置、人员和门户内容', en: 'Settings, people, texts' },
  alarms: { zh: '告警', en: 'Alarms' },
}

/** By which door somebody came. */
export const VIA_WORDS: Readonly<Record<string, { zh: string; en: string }>> = {
  certificate: { zh: '证书', en: 'certificate' },
  link: { zh: '一次性链接', en: 'one-time link' },
  control: { zh: '命令行', en: 'command line' },
  rule: { zh: '规则', en: 'by rule' },
}

/** In which group a change is: its own kind is a word of programs. */
export function nameGroup(lang: Lang, kind: string): string {
  const found = Object.entries(AUDIT_GROUPS).find(([, kinds]) => (kinds as readonly string[]).includes(kind))
  return found === undefined ? '' : pick(lang, GROUP_WORDS[found[0] as AuditGroup])
}
