import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Problem, Refusal } from '#schemas/refusal.ts'
import { refusalBox } from '../components/refusal-box.ts'
import { type Fields, readForm } from '../pages/forms.ts'
import type { Answer } from '../pages/page.ts'
import { type PageRoutes, problemFor } from '../pages/serve-pages.ts'
import type { Visit } from '../pages/visit.ts'
import { sayAtField } from '../texts/page-refusals.ts'
import type { ConsolePages, ConsoleVisit, FailedForm, Roles, Visitor } from './console-visit.ts'
import type { ConsoleDoor, DoorOptions } from './door.ts'
import { closedPage, endedPage } from './entrance.ts'
import { registerEntrance } from './entrance-pages.ts'
import { jobPage, jobState } from './job-pages.ts'
import { type Entered, makeVisit } from './make-visit.ts'
import { readWholeForm } from './read-form.ts'
import { requireSameOrigin } from './require-same-origin.ts'
import { FORM_TOKEN, isFormToken } from './sessions.ts'

interface Options extends DoorOptions {
  readonly pages: (pages: ConsolePages) => void
}

type Handler = (visit: ConsoleVisit, entered: Entered) => Answer | Promise<Answer>
type PostOptions = Parameters<ConsolePages['post']>[1]

/** Everything a console answers: its entrance, its jobs and the pages of its server. Each page says who may see it. */
export function registerPages(routes: PageRoutes, door: ConsoleDoor, options: Options): void {
  async function admit(
    visit: Visit,
    request: FastifyRequest,
    reply: FastifyReply,
    roles: Roles,
    handler: Handler,
  ): Promise<Answer> {
    const found = door.enter(request, reply)
    if (found === undefined) {
      // What a script asked for is no place to come back to.
      if (request.method === 'GET' && request.headers.accept?.includes('text/html') === true)
        door.keepGoal(reply, visit.href(visit.path))
      return request.method === 'POST'
        ? endedPage(visit, options.command, readForm(request))
        : closedPage(visit, options.command)
    }
    const entered: Entered = { ...found, request, reply, jobs: 0 }
    const consoleVisit = makeVisit(visit, entered, door, options)
    request.consoleVisit = consoleVisit
    requireRole(visit, options, found.visitor, roles)
    return handler(consoleVisit, entered)
  }

  registerEntrance(routes, door, options)
  routes.get('/jobs/:id', (visit, request, reply) =>
    admit(visit, request, reply, 'any', (seen, { session }) => jobPage(seen, jobOf(visit, door, session.id))),
  )
  routes.get('/jobs/:id/state', (visit, request, reply) =>
    admit(visit, request, reply, 'any', (seen, { session }) => jobState(seen, jobOf(visit, door, session.id))),
  )
  options.pages({
    get: (path, { roles }, handler) =>
      routes.get(path, (visit, request, reply) => admit(visit, request, reply, roles, handler)),
    post: (path, how, handler) =>
      routes.post(path, (visit, request, reply) => {
        requireSameOrigin(request)
        return admit(visit, request, reply, how.roles, (seen, entered) => answerForm(seen, entered, how, handler))
      }),
  })

  async function answerForm(
    visit: ConsoleVisit,
    entered: Entered,
    { multipart = false, again }: PostOptions,
    handler: (visit: ConsoleVisit, fields: Fields) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    if (entered.request.isMultipart() && !multipart) throw new Refusal('MEDIA_TYPE_UNSUPPORTED')
    const form = await readWholeForm(entered.request, options.transfers)
    entered.form = form
    try {
      if (!isFormToken(entered.session, form.fields.get(FORM_TOKEN))) throw new Refusal('FORM_EXPIRED')
      return await handler(visit, form.fields)
    } catch (error) {
      if (again === undefined) throw error
      const problem = problemFor(error, entered.request)
      const answer = await again(visit, failedForm(visit, form.fields, problem))
      return 'body' in answer ? { status: problem.status, ...answer } : answer
    } finally {
      // A job that was begun still needs the files, and lets go of them when it ends.
      if (entered.jobs === 0) form.discard()
    }
  }
}

function jobOf(visit: Visit, { jobs }: ConsoleDoor, session: string) {
  const job = jobs.find(visit.params['id'] ?? '', session)
  if (job === undefined) throw new Refusal('NOT_FOUND')
  return job
}

/** Threats I5: deny by default; a refusal names who may. */
function requireRole(visit: Visit, { nameRole }: DoorOptions, { roles: held }: Visitor, roles: Roles): void {
  if (roles === 'any' || roles.some((role) => held.includes(role))) return
  const named = roles.map((role) => nameRole(visit, role))
  throw new Refusal('ROLE_REQUIRED', {
    roles,
    detail: { zh: `只有${named.join('、')}可以`, en: `Only for: ${named.join(', ')}` },
  })
}

function failedForm({ lang }: Visit, fields: Fields, problem: Problem): FailedForm {
  const field = typeof problem['field'] === 'string' ? problem['field'] : undefined
  return {
    fields,
    problem,
    box: refusalBox(lang, problem),
    errorAt: (name) => (field === `/${name}` ? sayAtField(lang, problem) : undefined),
  }
}
