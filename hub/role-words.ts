import { type Lang, pick } from '#web/pages/language.ts'
import type { Role } from './deps.ts'

/** What operators are called. */
export const ROLE_WORDS = {
  registrar: { zh: '登记员', en: 'Registrar' },
  approver: { zh: '审批员', en: 'Approver' },
  auditor: { zh: '审计员', en: 'Auditor' },
  administrator: { zh: '系统管理员', en: 'Administrator' },
} as const satisfies Record<Role, { zh: string; en: string }>

/** What each may do (contract, Roles). */
export const ROLE_DUTIES = {
  registrar: {
    zh: '签发接入码，确认接入，暂停、恢复、吊销成员和证书',
    en: 'Makes codes, confirms admissions, suspends and revokes members and certificates',
  },
  approver: { zh: '审批、暂停、恢复、终止协议', en: 'Approves, suspends, resumes and ends agreements' },
  auditor: { zh: '查看全部记录，不作决定', en: 'Reads everything, decides nothing' },
  administrator: {
    zh: '管理阶段、机构、管理员和设置',
    en: 'Keeps phase, authorities, operators and settings',
  },
} as const satisfies Record<Role, { zh: string; en: string }>

/** Names of roles in a row. */
export function nameRoles(lang: Lang, roles: readonly string[]): string {
  return roles
    .map((role) => (Object.hasOwn(ROLE_WORDS, role) ? pick(lang, ROLE_WORDS[role as Role]) : role))
    .join(lang === 'zh' ? '、' : ', ')
}
