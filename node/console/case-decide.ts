import { Refusal } from '#schemas/refusal.ts'
import type { Fields } from '#web/pages/forms.ts'
import { pick } from '#web/pages/language.ts'
import { type Redirect, redirect } from '#web/pages/page.ts'
import type { ShownCase } from '../actions/show-case.ts'
import type { NodeVisit } from './node-pages.ts'

const DONE = {
  consent: { zh: '已同意并以本单位名义签署。', en: 'Consented and signed in our name.' },
  counter: { zh: '已提出新的条款，等对方答复。', en: 'Other terms are offered; the other side has to answer.' },
  refuse: { zh: '已拒绝，理由会告知对方。', en: 'Refused; the other side will see the reason.' },
  withdraw: { zh: '申请已撤回。', en: 'The request is withdrawn.' },
  accept: { zh: '已接受对方的条款。', en: 'The terms are accepted.' },
  suspend: { zh: '协议已暂停，立即生效。', en: 'The agreement is suspended, at once.' },
  resume: { zh: '已撤销本单位的暂停。', en: 'Our suspension is lifted.' },
  terminate: { zh: '协议已终止。', en: 'The agreement is ended.' },
} as const

export type Decision = keyof typeof DONE

/** Does what a form of the case's page asks, through the actions of the command line, and goes back to the page. */
export async function decide(visit: NodeVisit, found: ShownCase, fields: Fields): Promise<Redirect> {
  const decision = fields.get('decision')
  if (!Object.hasOwn(DONE, decision)) throw new Refusal('BODY_INVALID', { field: '/decision' })
  const verb = decision as Decision
  await act(visit, found, verb, fields)
  visit.flash('good', pick(visit.lang, DONE[verb]))
  return redirect(visit.href(`/requests/${found.request}`))
}

async function act(visit: NodeVisit, { request, agreement }: ShownCase, verb: Decision, fields: Fields): Promise<void> {
  const reason = fields.get('reason')
  switch (verb) {
    // What is agreed to is what was read: other words meanwhile are refused (threat I6).
    case 'consent':
    case 'accept':
      return void (await visit.act(verb, { request, words: fields.get('words') }))
    case 'counter':
      return void (await visit.act('counter', { request, ...typedTerms(fields), ...(reason !== '' && { reason }) }))
    case 'refuse':
    case 'withdraw':
      return void (await visit.act('refuse', { request, reason: requireReason(reason) }))
    default: {
      const certificate = fields.optional('certificate')
      const named = verb === 'resume' && certificate !== undefined ? { certificate } : {}
      await visit.act(verb, { agreement, reason: requireReason(reason), ...named })
    }
  }
}

/** Terms of a form; what is left empty stays as it was. */
export function typedTerms(fields: Fields): object {
  const [purpose, until, pulls] = [fields.optional('purpose'), fields.optional('until'), fields.number('pulls')]
  const files = fields.all('files')
  return {
    ...(purpose !== undefined && { purpose }),
    ...(until !== undefined && { until }),
    ...(pulls !== undefined && { pulls }),
    ...(files.length > 0 && { files: [...files] }),
  }
}

function requireReason(reason: string): string {
  if (reason === '')
    throw new Refusal('REASON_REQUIRED', { field: '/reason', detail: { zh: '请写明理由', en: 'Say why' } })
  return reason
}
