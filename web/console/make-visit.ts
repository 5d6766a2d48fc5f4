import type { FastifyReply, FastifyRequest } from 'fastify'
import { hiddenField } from '../components/fields.ts'
import { type Redirect, redirect } from '../pages/page.ts'
import { problemFor } from '../pages/serve-pages.ts'
import type { Visit } from '../pages/visit.ts'
import { runAction } from '../serving/actions.ts'
import type { ConsoleVisit, Errand, Visitor } from './console-visit.ts'
import type { ConsoleDoor, DoorOptions } from './door.ts'
import type { ReadForm } from './read-form.ts'
import { FORM_TOKEN, type Session } from './sessions.ts'

/** One request by somebody who has entered. `form` once it is read; `jobs` that still need its files. */
export interface Entered {
  readonly session: Session
  readonly visitor: Visitor
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  form?: ReadForm
  jobs: number
}

/** What a page's handler is given: the look, the person, and the actions in that person's name. */
export function makeVisit(visit: Visit, entered: Entered, { jobs }: ConsoleDoor, options: DoorOptions): ConsoleVisit {
  const { session, visitor, request, reply } = entered
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const person = { via: session.via, as: visitor.name }
  const problemOf = (error: unknown) => problemFor(error, request)

  function begin(name: string, args: object, errand: Errand = {}): Redirect {
    const { title = visit.t('正在处理', 'Working'), done, back = visit.href(visit.path) } = errand
    entered.jobs += 1
    const job = jobs.begin({
      session: session.id,
      title,
      back,
      done: (result) => done?.(result as never) ?? back,
      problemOf,
      run: async (progress, signal) => {
        try {
          return await runAction(options.actions(), name, args, { ...person, progress, signal })
        } finally {
          entered.form?.discard()
        }
      },
    })
    return redirect(visit.href(`/jobs/${job.id}`))
  }

  return {
    ...visit,
    visitor,
    now: options.now(),
    signal: gone.signal,
    progress: () => {},
    act: async <T>(name: string, args: object = {}) =>
      (await runAction(options.actions(), name, args, { ...person, signal: gone.signal, progress: () => {} })) as T,
    begin,
    formToken: () => hiddenField(FORM_TOKEN, session.formToken),
    flash: (tone, text) => void session.flashes.push({ tone, text }),
    problemOf,
    filesOf: (_fields, name) => entered.form?.files.get(name) ?? [],
  }
}
