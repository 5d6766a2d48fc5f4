import type { Directory } from '#schemas/kinds.ts'
import type { ConsoleVisit } from '#web/console/console-visit.ts'
import type { ConsoleOptions } from '#web/console/open-console.ts'
import { pick } from '#web/pages/language.ts'
import type { Transfers } from '#web/serving/transfers.ts'
import type { Office } from '../actions/sign-statement.ts'
import type { QueueSource, Role } from '../deps.ts'
import { ROLE_WORDS } from '../role-words.ts'
import { admissionPages } from './admission-page.ts'
import { agreementPages } from './agreement-page.ts'
import { agreementsPages } from './agreements-page.ts'
import { alarmsPages } from './alarms-page.ts'
import { auditPages } from './audit-page.ts'
import { codesPages } from './codes-page.ts'
import { memberPages } from './member-page.ts'
import { membersPages } from './members-page.ts'
import { operatorCertificates } from './operator-certificates.ts'
import { operatorFrame } from './operator-frame.ts'
import type { OperatorGroup } from './operator-pages.ts'
import { operatorsPages } from './operators-page.ts'
import { queuePages } from './queue-page.ts'
import { settingsPages } from './settings-page.ts'
import { textEditing } from './texts-pages.ts'
import { trustPages } from './trust-page.ts'

/** Every part of the console; each registers its own pages. */
export const GROUPS: readonly OperatorGroup[] = [
  queuePages,
  admissionPages,
  alarmsPages,
  membersPages,
  memberPages,
  codesPages,
  agreementsPages,
  agreementPages,
  trustPages,
  operatorsPages,
  operatorCertificates,
  auditPages,
  textEditing,
  settingsPages,
]

/** The operators' console: its pages and what surrounds them. */
export function createOperatorConsole(
  office: Office,
  queues: readonly QueueSource[],
  transfers: Pick<Transfers, 'open'>,
): Pick<ConsoleOptions, 'frame' | 'nameRole' | 'pages'> {
  const deps = { portal: office.config.publicUrl, offered: transfers.open }
  return {
    frame(visit) {
      const roles = 'visitor' in visit ? (visit as ConsoleVisit).visitor.roles : []
      const name = (office.trust.directory()?.payload as Directory | undefined)?.hub.name ?? office.config.name
      const cases = queues.flatMap((queue) => queue.list()).filter(({ role }) => roles.includes(role)).length
      return operatorFrame(visit, { name, roles, waiting: { cases, alarms: office.alarms.standing().length } })
    },
    nameRole: ({ lang }, role) => (Object.hasOwn(ROLE_WORDS, role) ? pick(lang, ROLE_WORDS[role as Role]) : role),
    pages(site) {
      for (const group of GROUPS) group(site, deps)
    },
  }
}
