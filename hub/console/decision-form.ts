import { textField } from '#web/components/fields.ts'
import { submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Failed, OperatorVisit } from './operator-pages.ts'

/** A button of a decision; its value says which. */
export interface Choice {
  readonly value: string
  readonly text: string
  readonly kind: 'primary' | 'plain' | 'danger'
}

/** The form in which somebody decides and says why, with what was typed when it is refused. The page says above why: the form may be gone by then. */
export function decisionForm(
  visit: OperatorVisit,
  {
    action,
    choices,
    hint,
    failed,
    more,
    required = false,
    prefix,
  }: {
    readonly action: string
    readonly choices: readonly Choice[]
    readonly hint: string
    readonly failed?: Failed
    /** Fields between reason and buttons. */
    readonly more?: Html
    readonly required?: boolean
    /** Where a page has several such forms: keeps their ids apart. */
    readonly prefix?: string
  },
): Html {
  const mine = failed !== undefined && choices.some(({ value }) => value === failed.fields.get('decision'))
  return html`<form method="post" action=${visit.href(action)}>
    ${visit.formToken()}
    ${textField({
      name: 'reason',
      id: prefix === undefined ? undefined : `f-${prefix}-reason`,
      label: visit.t('理由', 'Reason'),
      lines: 3,
      maxLength: 2000,
      hint,
      required,
      value: mine ? failed.fields.get('reason') : '',
      error: mine ? failed.errorAt('reason') : undefined,
    })}
    ${more}
    <div class="cluster">${choices.map(({ value, text, kind }) => submitButton(text, { kind, name: 'decision', value }))}</div>
  </form>`
}
