import { Refusal } from '#schemas/refusal.ts'
import { readForm } from '../pages/forms.ts'
import { redirect } from '../pages/page.ts'
import type { PageRoutes } from '../pages/serve-pages.ts'
import type { Visit } from '../pages/visit.ts'
import type { ConsoleDoor, DoorOptions } from './door.ts'
import { closedPage, enterPage, usedLinkPage } from './entrance.ts'
import { requireSameOrigin } from './require-same-origin.ts'
import { FORM_TOKEN, isFormToken } from './sessions.ts'

/** `/enter`, where a one-time link leads, and `/leave`. */
export function registerEntrance(routes: PageRoutes, door: ConsoleDoor, options: DoorOptions): void {
  const { people, nameRole, command, certificateHolder } = options
  const entrants = (visit: Visit) =>
    people.list?.().map(({ name, roles }) => ({
      name,
      roles: roles.map((role) => nameRole(visit, role)).join(visit.t('、', ', ')),
    }))

  routes.get('/enter', (visit, request, reply) => {
    if (certificateHolder !== undefined) return redirect(visit.href('/'))
    const key = visit.query.get('key')
    if (key === null) return closedPage(visit, command)
    const link = door.links.peek(key)
    // Who is inside already and opens the same link again is where they wanted to be.
    if (link === undefined && door.enter(request, reply) !== undefined) return redirect(visit.href('/'))
    if (link === undefined) return usedLinkPage(visit, command)
    return enterPage(visit, key, link, entrants(visit))
  })

  routes.post('/enter', (visit, request, reply) => {
    requireSameOrigin(request)
    if (certificateHolder !== undefined) throw new Refusal('NOT_FOUND')
    const fields = readForm(request)
    const key = fields.get('key')
    const link = door.links.peek(key)
    if (link === undefined) return usedLinkPage(visit, command)
    const name = link.as ?? fields.get('name')
    // Looked up before the link is spent: whoever mistyped may try again.
    if (people.find(name) === undefined) throw new Refusal('OPERATOR_UNKNOWN', { operator: name })
    door.links.take(key)
    door.beginByLink(request, reply, name)
    return redirect(door.takeGoal(request, reply) ?? visit.href('/'))
  })

  routes.post('/leave', (visit, request, reply) => {
    requireSameOrigin(request)
    const entered = door.enter(request, reply)
    if (entered !== undefined && certificateHolder === undefined) {
      if (!isFormToken(entered.session, readForm(request).get(FORM_TOKEN))) throw new Refusal('FORM_EXPIRED')
      door.leave(entered.session, reply)
    }
    return redirect(visit.href('/'))
  })
}
