import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { hiddenField } from '../components/fields.ts'
import { notice, submitButton } from '../components/words.ts'
import type { Frame } from '../pages/frame.ts'
import { html } from '../pages/html.ts'
import type { Visit } from '../pages/visit.ts'
import type { Actions } from '../serving/actions.ts'
import type { Logger } from '../serving/log.ts'
import type { Transfers } from '../serving/transfers.ts'
import type { ConsoleVisit, Visitor } from './console-visit.ts'
import { createJobs } from './jobs.ts'
import { createOneTimeLinks } from './one-time-links.ts'
import { createSessions, FORM_TOKEN, type Session } from './sessions.ts'

/** Who may enter a console. Asked anew at each request: whoever was removed is out at the next click. */
export interface People {
  /** Undefined for somebody who may not (any more). */
  find(name: string): { readonly name: string; readonly roles: readonly string[] } | undefined
  /** Who is offered for choosing where a link names nobody; undefined: nobody is asked and `find('')` decides. */
  readonly list?: () => readonly { readonly name: string; readonly roles: readonly string[] }[]
}

export interface DoorOptions {
  readonly log: Logger
  /** Unix seconds. */
  readonly now: () => number
  readonly actions: () => Actions
  readonly transfers: Transfers
  readonly people: People
  /** With mutual TLS: whose certificate this connection shows; a refusal for one that opens nothing. */
  readonly certificateHolder?: (request: FastifyRequest) => { readonly name: string; readonly thumbprint: string }
  /** What prints a one-time link, as typed. */
  readonly command: string
  /** What surrounds pages, without person and messages; nobody has entered where `visit` has no visitor. */
  readonly frame: (visit: Visit | ConsoleVisit) => Frame | Promise<Frame>
  readonly nameRole: (visit: Visit, role: string) => string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once somebody has entered; the frame shows who. */
    consoleVisit?: ConsoleVisit
    consoleSession?: Session
  }
}

export type ConsoleDoor = ReturnType<typeof createDoor>

/** Lets people in by link or certificate, keeps their sessions, draws who is here. */
export function createDoor(options: DoorOptions, listener: { readonly secure: boolean; readonly port: () => number }) {
  const { now, people, certificateHolder, nameRole } = options
  const sessions = createSessions(now)
  const links = createOneTimeLinks(now)
  const jobs = createJobs(now)
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: listener.secure } as const
  // Browsers do not tell ports apart in cookies: two consoles on one machine must not share a name.
  const named = (what: string) => `${listener.secure ? '__Host-' : ''}${what}-${listener.port()}`

  function begin(reply: FastifyReply, name: string, via: Session['via']): Session {
    const { session, secret } = sessions.begin(name, via)
    reply.setCookie(named('session'), secret, cookie)
    return session
  }

  /** The session of this request: of its certificate, else of its cookie; undefined when nobody has entered. */
  function findSession(request: FastifyRequest, reply: FastifyReply): Session | undefined {
    const known = sessions.find(request.cookies[named('session')])
    if (certificateHolder === undefined) return known?.via.kind === 'link' ? known : undefined
    const { name, thumbprint } = certificateHolder(request)
    if (known?.via.kind === 'certificate' && known.via.thumbprint === thumbprint && known.name === name) return known
    return begin(reply, name, { kind: 'certificate', thumbprint })
  }

  function enter(request: FastifyRequest, reply: FastifyReply): { session: Session; visitor: Visitor } | undefined {
    const session = findSession(request, reply)
    if (session === undefined) return undefined
    const person = people.find(session.name)
    if (person === undefined) {
      sessions.end(session)
      if (certificateHolder !== undefined) throw new Refusal('OPERATOR_UNKNOWN', { operator: session.name })
      return undefined
    }
    request.consoleSession = session
    return { session, visitor: { name: person.name, roles: person.roles, via: session.via } }
  }

  async function frame(visit: Visit, request: FastifyRequest): Promise<Frame> {
    const { consoleVisit: entered, consoleSession: session } = request
    const base = await options.frame(entered ?? visit)
    if (entered === undefined || session === undefined) return { ...base, nav: [] }
    const flashes = session.flashes.splice(0)
    const leave = html`<form method="post" action=${visit.href('/leave')}>${hiddenField(FORM_TOKEN, session.formToken)}${submitButton(visit.t('退出', 'Leave'), { kind: 'quiet' })}</form>`
    const roles = entered.visitor.roles.map((role) => nameRole(visit, role)).join(visit.t('、', ', '))
    return {
      ...base,
      person: { name: entered.visitor.name, roles, ...(certificateHolder === undefined && { leave }) },
      messages: html`${base.messages}${flashes.map(({ tone, text }) => notice(tone, { title: text }))}`,
    }
  }

  return {
    links,
    jobs,
    enter,
    frame,
    /** Without beginning a session; whoever has a certificate that opens this console needs none. */
    hasEntered: ({ cookies }: FastifyRequest): boolean =>
      certificateHolder !== undefined || sessions.find(cookies[named('session')])?.via.kind === 'link',
    /** A link has been opened by this person. The session before it, if any, ends: its id is never carried over (fixation). */
    beginByLink(request: FastifyRequest, reply: FastifyReply, name: string): void {
      const known = sessions.find(request.cookies[named('session')])
      if (known !== undefined) sessions.end(known)
      begin(reply, name, { kind: 'link' })
    },
    leave(session: Session, reply: FastifyReply): void {
      sessions.end(session)
      reply.clearCookie(named('session'), cookie)
    },
    /** Where somebody wanted to go before they had entered. */
    keepGoal: (reply: FastifyReply, path: string) =>
      void reply.setCookie(named('goal'), path, { ...cookie, maxAge: GOAL_SECONDS }),
    takeGoal(request: FastifyRequest, reply: FastifyReply): string | undefined {
      reply.clearCookie(named('goal'), cookie)
      return request.cookies[named('goal')]
    },
  }
}

const GOAL_SECONDS = 900
