import type { ConsolePages, ConsoleVisit, FailedForm } from '#web/console/console-visit.ts'
import type { Role } from '../deps.ts'

export type OperatorVisit = ConsoleVisit
export type OperatorRoutes = ConsolePages
/** A form that was refused, shown again. */
export type Failed = FailedForm | undefined

/** Who may: anybody who works here, or holders of one of these roles. */
export type Allowed = 'any' | readonly Role[]

/** What pages need beyond actions. */
export interface OperatorDeps {
  /** Base URL of the portal, without a final slash. */
  readonly portal: string
  /** What a server offers for fetching under a handle; NOT_FOUND. */
  readonly offered: (handle: string) => { readonly path: string; readonly bytes: number }
}

/** A part of the console: registers its pages. */
export type OperatorGroup = (site: OperatorRoutes, deps: OperatorDeps) => void

/** Whether this person holds the role. */
export function holds({ visitor }: OperatorVisit, ...roles: readonly Role[]): boolean {
  return roles.some((role) => visitor.roles.includes(role))
}
