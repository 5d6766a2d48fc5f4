import { type Html, html } from '../pages/html.ts'

interface FieldBase {
  readonly name: string
  /** Where a page has two fields of one name. */
  readonly id?: string | undefined
  readonly label: string
  /** How to fill it, shown under the label. */
  readonly hint?: Html
  /** What is wrong with it, shown at the field and tied to it. */
  readonly error?: string | undefined
  readonly required?: boolean
}

interface TextField extends FieldBase {
  readonly value?: string | number | undefined
  readonly type?: 'text' | 'search' | 'date' | 'datetime-local' | 'number' | 'url' | 'email'
  readonly lines?: number
  readonly maxLength?: number
  readonly min?: number | string
  readonly max?: number | string
  readonly autocomplete?: string
  readonly list?: string
  readonly inputmode?: string
  readonly spellcheck?: boolean
}

/** A line, or with `lines` a box, of text. */
export function textField(field: TextField): Html {
  const { name, value, type = 'text', lines, maxLength, min, max, autocomplete, list, inputmode } = field
  const common = {
    id: idOf(field),
    name,
    required: field.required,
    maxlength: maxLength,
    autocomplete,
    ...toldBy(field),
  }
  return around(
    field,
    lines === undefined
      ? html`<input ...${common} type=${type} value=${value ?? ''} min=${min} max=${max} list=${list} inputmode=${inputmode} />`
      : html`<textarea ...${common} rows=${lines}>${value ?? ''}</textarea>`,
  )
}

/** One of several, in a drop-down. */
export interface Option {
  readonly value: string
  readonly text: string
}

export function selectField(
  field: FieldBase & {
    readonly value?: string | undefined
    readonly options: readonly Option[]
    readonly blank?: string
  },
): Html {
  const { name, value = '', options, blank } = field
  return around(
    field,
    html`<select id=${idOf(field)} name=${name} required=${field.required} ...${toldBy(field)}>
      ${blank !== undefined && html`<option value="" selected=${value === ''}>${blank}</option>`}
      ${options.map((one) => html`<option value=${one.value} selected=${one.value === value}>${one.text}</option>`)}
    </select>`,
  )
}

/** One of few (`radio`), or any of few (`checkbox`), all visible. */
export function choiceField(
  field: FieldBase & {
    readonly kind: 'radio' | 'checkbox'
    readonly options: readonly (Option & { readonly hint?: string })[]
    readonly values?: readonly string[] | undefined
  },
): Html {
  const { name, kind, options, values = [] } = field
  return html`<fieldset id=${idOf(field)} class=${`field choice${field.error ? ' wrong' : ''}`} ...${toldBy(field)}>
    <legend>${field.label}${mark(field.required)}</legend>
    ${hintAndError(field)}
    <div class="choices">
      ${options.map(
        ({ value, text, hint }) => html`<label class="choice">
          <input type=${kind} name=${name} value=${value} checked=${values.includes(value)} required=${kind === 'radio' && field.required} />
          <span>${text}${hint !== undefined && html`<small>${hint}</small>`}</span>
        </label>`,
      )}
    </div>
  </fieldset>`
}

/** Yes or no. */
export function checkField(field: FieldBase & { readonly checked?: boolean; readonly value?: string }): Html {
  const { name, label, checked = false, value = 'yes' } = field
  return html`<div class=${`field check${field.error ? ' wrong' : ''}`}>
    <label class="choice">
      <input type="checkbox" id=${idOf(field)} name=${name} value=${value} checked=${checked} required=${field.required} ...${toldBy(field)} />
      <span>${label}</span>
    </label>
    ${hintAndError(field)}
  </div>`
}

/** A file to hand over; the dropping area is a script's (`drop.js`), the button is everybody's. */
export function fileField(
  field: FieldBase & { readonly accept?: string; readonly multiple?: boolean; readonly drop?: string },
): Html {
  const { name, accept, multiple, drop } = field
  const input = html`<input type="file" id=${idOf(field)} name=${name} accept=${accept} multiple=${multiple} required=${field.required} ...${toldBy(field)} />`
  return around(field, drop === undefined ? input : html`<div class="drop" data-drop=${drop}>${input}</div>`)
}

export function hiddenField(name: string, value: string): Html {
  return html`<input type="hidden" name=${name} value=${value} />`
}

function around(field: FieldBase, control: Html): Html {
  return html`<div class=${`field${field.error ? ' wrong' : ''}`}>
    <label for=${idOf(field)}>${field.label}${mark(field.required)}</label>
    ${hintAndError(field)}${control}
  </div>`
}

function mark(required: boolean | undefined): Html {
  return required === true && html`<span class="must" aria-hidden="true"> *</span>`
}

function hintAndError(field: FieldBase): Html {
  const { hint, error } = field
  const id = idOf(field)
  return html`${hint !== undefined && html`<div class="hint" id=${`${id}-hint`}>${hint}</div>`}
  ${error && html`<div class="error" id=${`${id}-error`}>${error}</div>`}`
}

function toldBy(field: FieldBase): Record<string, unknown> {
  const { hint, error } = field
  const id = idOf(field)
  const ids = [...(hint === undefined ? [] : [`${id}-hint`]), ...(error ? [`${id}-error`] : [])]
  return { ...(ids.length > 0 && { 'aria-describedby': ids.join(' ') }), ...(error && { 'aria-invalid': 'true' }) }
}

function idOf({ id, name }: Pick<FieldBase, 'id' | 'name'>): string {
  return id ?? `f-${name.replace(/[^A-Za-z0-9_-]/g, '-')}`
}
