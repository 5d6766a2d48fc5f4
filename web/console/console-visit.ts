import type { Problem } from '#schemas/refusal.ts'
import type { Tone } from '../components/words.ts'
import type { Fields } from '../pages/forms.ts'
import type { Html } from '../pages/html.ts'
import type { Answer, Redirect } from '../pages/page.ts'
import type { Visit } from '../pages/visit.ts'
import type { Door, Progress } from '../serving/actions.ts'

/** Who sits at the console, and by which door they came. */
export interface Visitor {
  readonly name: string
  readonly roles: readonly string[]
  readonly via: Exclude<Door, { kind: 'control' }>
}

/** A file that a form brought: on disk already, in the server's own folder. */
export interface HandedFile {
  readonly name: string
  readonly path: string
  /** Handle for actions that take uploads. */
  readonly upload: string
  readonly bytes: number
}

/** What an action that takes long leaves behind for its page. */
export interface Errand {
  /** What is being done, shown over its progress. */
  readonly title?: string
  /** Where to go when it is done; default: where it was begun. */
  readonly done?: (result: never) => string
  /** Where it was begun; default: this page. */
  readonly back?: string
}

/** One look at a console's page by a person who may see it. */
export interface ConsoleVisit extends Visit {
  readonly visitor: Visitor
  /** Unix seconds. */
  readonly now: number
  /** Aborts when the browser has gone away. */
  readonly signal: AbortSignal
  /** Runs an action of the command line in this person's name. */
  act<T = unknown>(name: string, args?: object): Promise<T>
  /** The same for one that takes long: goes on by itself, its page shows how far it is. */
  begin(name: string, args: object, errand?: Errand): Redirect
  /** The hidden field that every form of the console must hold. */
  formToken(): Html
  /** Something to say on the next page. */
  flash(tone: Tone, text: string): void
  /** Takes progress and shows it nowhere: for work that a page waits for. */
  progress(progress: Progress): void
  /** What an error says; a bug is logged whole. */
  problemOf(error: unknown): Problem
  /** Files that the form brought under this name; empty ones are left out. */
  filesOf(fields: Fields, name: string): readonly HandedFile[]
}

/** `any`: every person who may enter. */
export type Roles = 'any' | readonly string[]

/** Registers pages of a console; each says who may see it. */
export interface ConsolePages<V extends ConsoleVisit = ConsoleVisit> {
  get(path: string, options: { readonly roles: Roles }, handler: (visit: V) => Answer | Promise<Answer>): void
  /** A refusal thrown by the handler becomes the page `again` gives, or the page of the refusal. */
  post(
    path: string,
    options: {
      readonly roles: Roles
      readonly multipart?: boolean
      readonly again?: (visit: V, failed: FailedForm) => Answer | Promise<Answer>
    },
    handler: (visit: V, fields: Fields) => Answer | Promise<Answer>,
  ): void
}

/** A form that was refused, to be shown again with what was typed. */
export interface FailedForm {
  readonly fields: Fields
  readonly problem: Problem
  /** The refusal as a box for the top of the page. */
  readonly box: Html
  /** The refusal's sentence if it is about this field (JSON Pointer `/name`). */
  errorAt(name: string): string | undefined
}
