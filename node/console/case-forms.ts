import { hiddenField, textField } from '#web/components/fields.ts'
import { more, section, submitButton } from '#web/components/words.ts'
import type { FailedForm } from '#web/console/console-visit.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showEnd } from '#web/pages/show.ts'
import type { ShownCase } from '../actions/show-case.ts'
import type { Decision } from './case-decide.ts'
import type { NodePagesDeps, NodeVisit } from './node-pages.ts'

/** The form of this page that was refused, to be shown again as it was typed. */
export type Failed = FailedForm | undefined

/** What we may do with this case now, each in a form of its own. */
export function caseForms(visit: NodeVisit, { member }: NodePagesDeps, found: ShownCase, failed: Failed): Html {
  const { state, role, path, signed, lastBy } = found
  const form = formsOf(visit, found, failed)
  if (state === 'FINALIZED' || state === 'SUSPENDED') return running(visit, found, member, form)
  if (state === 'TERMINATED') return null
  if (role === 'consumer')
    return state === 'OFFERED' && lastBy !== member ? answerOffer(visit, form) : withdraw(visit, form)
  if (path === 'unconditional') return null
  const mine = !signed.includes(member)
  if (mine && (state === 'REQUESTED' || state === 'ACCEPTED')) return answerRequest(visit, form, state === 'REQUESTED')
  return more(visit.t('拒绝这份申请…', 'Refuse this request…'), form.refuse(), form.isOpen('refuse'))
}

function answerRequest({ t }: NodeVisit, form: Forms, mayOffer: boolean): Html {
  return section(
    t('答复', 'Answer'),
    html`
      <p>${t('同意后，本节点以本单位名义按本页条款签署协议，再由共享中心审批。', 'Consenting signs the agreement on these terms in our name; the hub then decides on it.')}</p>
      ${form.consent()}
      ${mayOffer && more(t('提出其他条款…', 'Offer other terms…'), form.counter(), form.isOpen('counter'))}
      ${more(t('拒绝…', 'Refuse…'), form.refuse(), form.isOpen('refuse'))}
    `,
    { card: true, id: 'answer' },
  )
}

function answerOffer({ t }: NodeVisit, form: Forms): Html {
  return section(
    t('答复提供方的条款', "Answer the owner's terms"),
    html`
      ${form.accept()}
      ${more(t('提出别的条款…', 'Ask for other terms…'), form.counter(), form.isOpen('counter'))}
      ${more(t('不接受，撤回申请…', 'Do not accept, withdraw…'), form.withdraw(), form.isOpen('withdraw'))}
    `,
    { card: true, id: 'answer' },
  )
}

function withdraw({ t }: NodeVisit, form: Forms): Html {
  return more(t('撤回申请…', 'Withdraw the request…'), form.withdraw(), form.isOpen('withdraw'))
}

function running({ t }: NodeVisit, { suspendedBy }: ShownCase, member: string, form: Forms): Html {
  const ours = suspendedBy.includes(member)
  return html`
    ${section(ours ? t('恢复', 'Resume') : t('暂停', 'Suspend'), ours ? form.resume() : form.suspend(), { card: true })}
    ${!ours && more(t('对方更换了密钥…', 'The other side has new keys…'), form.newKeys(), form.isOpen('resume'))}
    ${more(t('终止协议…', 'End the agreement…'), form.terminate(), form.isOpen('terminate'))}
  `
}

type Forms = ReturnType<typeof formsOf>

function formsOf(visit: NodeVisit, found: ShownCase, failed: Failed) {
  const { t, href, formToken } = visit
  const isOpen = (decision: Decision) => failed?.fields.get('decision') === decision
  const form = (decision: Decision, kind: 'primary' | 'plain' | 'danger', text: string, inside: Html) =>
    html`<form method="post" action=${href(`/requests/${found.request}`)}>
      ${formToken()}${hiddenField('decision', decision)}${hiddenField('words', found.words)}
      ${inside}
      <div class="cluster">${submitButton(text, { kind })}</div>
    </form>`
  const typed = (decision: Decision, name: string) => (isOpen(decision) ? failed?.fields.get(name) : undefined)
  const reason = (decision: Decision, hint: string, required = true) =>
    textField({
      name: 'reason',
      id: `f-${decision}-reason`,
      label: t('理由', 'Reason'),
      hint,
      lines: 3,
      maxLength: 2_000,
      required,
      value: typed(decision, 'reason') ?? '',
      error: isOpen(decision) ? failed?.errorAt('reason') : undefined,
    })
  const told = t('会告知对方，并写入签名文件。', 'The other side will see it; it is part of what is signed.')

  return {
    isOpen,
    consent: () => form('consent', 'primary', t('同意并签署', 'Consent and sign'), null),
    accept: () => form('accept', 'primary', t('接受这些条款', 'Accept these terms'), null),
    refuse: () => form('refuse', 'danger', t('拒绝申请', 'Refuse'), reason('refuse', told)),
    withdraw: () => form('withdraw', 'danger', t('撤回申请', 'Withdraw'), reason('withdraw', told)),
    counter: () =>
      form(
        'counter',
        'plain',
        t('提出这些条款', 'Offer these terms'),
        html`${terms()}${reason('counter', told, false)}`,
      ),
    suspend: () =>
      form(
        'suspend',
        'plain',
        t('暂停协议', 'Suspend'),
        reason(
          'suspend',
          t(
            '立即生效，正在进行的调取会中断；随时可以恢复。',
            'At once: running pulls are cut. It can be resumed at any time.',
          ),
        ),
      ),
    resume: () =>
      form(
        'resume',
        'primary',
        t('恢复协议', 'Resume'),
        reason(
          'resume',
          t(
            '撤销本单位的暂停；另一方也暂停时，还要等另一方恢复。',
            'Lifts our own suspension; one of the other side stays.',
          ),
        ),
      ),
    newKeys: () =>
      form(
        'resume',
        'plain',
        t('认可新的密钥', 'Accept the new keys'),
        html`<p>${t('对方丢失密钥、重新接入后，须由您认可新的签名证书，调取才能继续。请先用电话或当面核实。', 'After the other side lost its keys and joined anew, pulls go on only when you accept its new signing certificate. Make sure by telephone or in person first.')}</p>
          ${textField({ name: 'certificate', label: t('新的签名证书指纹', 'Fingerprint of the new signing certificate'), hint: t('至少前 8 位', 'at least the first 8 characters'), required: true, maxLength: 64, spellcheck: false, value: typed('resume', 'certificate') ?? '' })}
          ${reason('resume', told)}`,
      ),
    terminate: () =>
      form(
        'terminate',
        'danger',
        t('终止协议', 'End it'),
        reason(
          'terminate',
          t(
            '不能撤销；需要时只能重新申请。已取走的数据和回执不受影响。',
            'For good: it would have to be asked for anew. Data and receipts already there are not affected.',
          ),
        ),
      ),
  }

  /** The standing terms, to be changed; what is left as it is stays. */
  function terms(): Html {
    const day = showEnd(visit.lang, found.terms.until)
    return html`
      ${textField({ name: 'purpose', id: 'f-counter-purpose', label: t('用途', 'Purpose'), lines: 3, maxLength: 1_000, value: typed('counter', 'purpose') ?? found.terms.purpose })}
      ${textField({ name: 'until', id: 'f-counter-until', label: t('期限（当天 24:00 止）', 'Until the end of'), type: 'date', value: typed('counter', 'until') ?? (/^\d{4}-\d\d-\d\d$/.test(day) ? day : '') })}
      ${textField({ name: 'pulls', id: 'f-counter-pulls', label: t('调取次数', 'Number of pulls'), hint: t('留空则不变', 'empty: as it was'), type: 'number', min: 1, value: typed('counter', 'pulls') ?? found.terms.pulls ?? '' })}`
  }
}
