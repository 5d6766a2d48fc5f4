import { CONTENT_CLASSES } from '#schemas/codes/content-classes.ts'
import { INDUSTRY_DIVISIONS, INDUSTRY_SECTIONS } from '#schemas/codes/industries.ts'
import type { Label } from '#schemas/codes/label.ts'
import { PERIODICITIES } from '#schemas/codes/periodicities.ts'
import { NATIONWIDE, REGIONS } from '#schemas/codes/regions.ts'
import { THEMES } from '#schemas/codes/themes.ts'
import { choiceField, type Option, selectField, textField } from '#web/components/fields.ts'
import { more, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Lang, pick } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import { type FieldProblem, type Form, listOf, textOf } from '../actions/draft-meta.ts'
import { nameField, problemAt } from './publish-steps.ts'

/** What a form's part is given: who looks, what was typed, what is wrong. `fixed`: names that a revision cannot change. */
export interface FormPart {
  readonly visit: Visit
  readonly form: Form
  readonly problems: readonly FieldProblem[]
  readonly fixed: boolean
}

/** Step 3: what the data are, under the item names of the official catalogue. */
export function aboutFields(part: FormPart): Html {
  const { t } = part.visit
  return html`
    ${section(t('名称和摘要', 'Name and abstract'), nameFields(part))}
    ${section(t('分类', 'Category'), categoryFields(part))}
    ${section(t('时间和地区', 'Time and place'), timeFields(part))}
    ${section(t('责任单位', 'Who answers for it'), responsibleFields(part))}
    ${more(t('与其他数据集的关系（可不填）', 'Relations to other datasets (optional)'), relationFields(part), hasRelations(part.form))}
  `
}

/** The common part of every field. */
export function fieldBase({ visit, form, problems }: FormPart, name: string) {
  return { name, label: nameField(visit, name), value: textOf(form, name), error: problemAt(visit, problems, name) }
}

/** The same for a box to tick, whose value is always `yes`. */
export function checkBase({ visit, form, problems }: FormPart, name: string) {
  const checked = listOf(form, name).includes('yes')
  return { name, label: nameField(visit, name), checked, error: problemAt(visit, problems, name) }
}

function nameFields(part: FormPart): Html {
  const { t } = part.visit
  return html`<div class="stack">
    ${textField({ ...fieldBase(part, 'titleZh'), required: true, maxLength: 200, hint: t('写明范围和内容，例如“制造业月度从业人数”。', 'Scope and content, e.g. 制造业月度从业人数.') })}
    ${textField({ ...fieldBase(part, 'descriptionZh'), lines: 4, maxLength: 4000, hint: t('统计口径、来源和使用时要注意的地方。', 'Definitions, sources and what to mind when using it.') })}
    ${
      part.fixed
        ? html`<p>${nameField(part.visit, 'slug')}${t('：', ': ')}<code>${textOf(part.form, 'slug')}</code> <span class="quiet-text">${t('（已发布，不能再改）', '(published, so it stays)')}</span></p>`
        : textField({
            ...fieldBase(part, 'slug'),
            required: true,
            maxLength: 64,
            spellcheck: false,
            autocomplete: 'off',
            hint: t(
              '用在网址和编号里，发布后不能改；只用小写字母、数字和 . _ -',
              'Part of addresses and ids, final once published: lower-case letters, digits, . _ -',
            ),
          })
    }
    ${more(
      t('英文名称和摘要（可不填）', 'Name and abstract in English (optional)'),
      html`<div class="stack">
        ${textField({ ...fieldBase(part, 'titleEn'), maxLength: 300 })}
        ${textField({ ...fieldBase(part, 'descriptionEn'), lines: 4, maxLength: 4000 })}
      </div>`,
      textOf(part.form, 'titleEn') !== undefined || textOf(part.form, 'descriptionEn') !== undefined,
    )}
    ${textField({ ...fieldBase(part, 'keywords'), hint: t('帮助别人搜到，用顿号或空格分开。', 'To be found by; apart by commas or blanks.') })}
  </div>`
}

function categoryFields(part: FormPart): Html {
  const { visit, form, problems } = part
  const { t, lang } = visit
  return html`<div class="stack">
    ${choiceField({
      ...fieldBase(part, 'contentClass'),
      kind: 'radio',
      required: true,
      values: listOf(form, 'contentClass'),
      options: Object.entries(CONTENT_CLASSES).map(([value, label]) => ({
        value,
        text: `${value} ${pick(lang, label)}`,
      })),
    })}
    ${selectField({
      ...fieldBase(part, 'theme'),
      blank: t('（未选择）', '(none chosen)'),
      options: optionsOf(lang, THEMES),
      hint: t('第 2 类必须选择。', 'Needed for class 2.'),
    })}
    ${industryTree(part)}
    ${textField({ ...fieldBase(part, 'industriesMore'), hint: t('可不填；如 C3110，用空格分开（GB/T 4754-2017）。', 'Optional; such as C3110, apart by blanks (GB/T 4754-2017).'), error: problemAt(visit, problems, 'industriesMore') })}
  </div>`
}

/** 门类 that open to their 大类; works without a script, and what is chosen lies open. */
function industryTree({ visit, form, problems }: FormPart): Html {
  const { t, lang } = visit
  const chosen = new Set(listOf(form, 'industries'))
  const error = problemAt(visit, problems, 'industries')
  const box = (code: string, label: Label) => html`<label class="choice">
    <input type="checkbox" name="industries" value=${code} checked=${chosen.has(code)} />
    <span><span class="code-name">${code}</span> ${pick(lang, label)}</span>
  </label>`
  // Keys that look like numbers would come first.
  const divisions = Object.entries(INDUSTRY_DIVISIONS).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return html`<fieldset id="f-industries" class=${`field choice${error ? ' wrong' : ''}`} aria-describedby=${`f-industries-hint${error ? ' f-industries-error' : ''}`}>
    <legend>${nameField(visit, 'industries')}</legend>
    <div class="hint" id="f-industries-hint">${t('勾选门类，或展开后勾选大类；最多 20 个，可不填。', 'Choose sections, or open them to choose divisions; at most 20, may be left out.')}</div>
    ${error && html`<div class="error" id="f-industries-error">${error}</div>`}
    <div class="tree">${Object.entries(INDUSTRY_SECTIONS).map(([letter, { from, to, ...label }]) => {
      const inside = divisions.filter(([number]) => from <= Number(number) && Number(number) <= to)
      const count = inside.filter(([number]) => chosen.has(`${letter}${number}`)).length
      return html`<details open=${count > 0}>
        <summary>${letter} ${pick(lang, label)}${(count > 0 || chosen.has(letter)) && html` <span class="count">${count + Number(chosen.has(letter))}</span>`}</summary>
        <div class="choices">
          ${box(letter, { zh: `${label.zh}（整个门类）`, en: `${label.en} (whole section)` })}
          ${inside.map(([number, division]) => box(`${letter}${number}`, division))}
        </div>
      </details>`
    })}</div>
  </fieldset>`
}

function timeFields(part: FormPart): Html {
  const { t, lang } = part.visit
  const provinces = Object.entries(REGIONS).filter(([code]) => code !== NATIONWIDE)
  const options: Option[] = [[NATIONWIDE, REGIONS[NATIONWIDE]] as const, ...provinces].map(([value, label]) => ({
    value,
    text: pick(lang, label),
  }))
  const period = t(
    '年 2025、季 2025-Q2、月 2025-06、周 2025-W26 或日 2025-06-30。',
    'Year 2025, quarter 2025-Q2, month 2025-06, week 2025-W26 or day 2025-06-30.',
  )
  return html`<div class="stack">
    <div class="field-row">
      ${textField({ ...fieldBase(part, 'periodFrom'), hint: period, maxLength: 10 })}
      ${textField({ ...fieldBase(part, 'periodTo'), hint: t('同样的写法；只有一期就不填。', 'Written the same way; empty for a single period.'), maxLength: 10 })}
    </div>
    ${selectField({ ...fieldBase(part, 'periodicity'), value: textOf(part.form, 'periodicity') ?? 'irregular', options: optionsOf(lang, PERIODICITIES), hint: t('平台据此提醒下一期什么时候该发布。', 'By it you are reminded when the next one is due.') })}
    <div class="field-row">
      ${selectField({ ...fieldBase(part, 'region'), value: textOf(part.form, 'region') ?? NATIONWIDE, options })}
      ${textField({ ...fieldBase(part, 'regionMore'), hint: t('市、县的六位代码，可不填。', 'Six digits of a city or county; optional.'), maxLength: 6, inputmode: 'numeric' })}
    </div>
  </div>`
}

function responsibleFields(part: FormPart): Html {
  const { t } = part.visit
  return html`<div class="stack">
    ${textField({ ...fieldBase(part, 'responsibleUnit'), required: true, maxLength: 200, hint: t('编制和解释这些数据的部门，会公开显示。', 'Who compiles and explains the data; shown publicly.') })}
    <div class="field-row">
      ${textField({ ...fieldBase(part, 'responsiblePerson'), maxLength: 100 })}
      ${textField({ ...fieldBase(part, 'responsibleContact'), maxLength: 200, hint: t('办公电话或邮箱，会公开显示。', 'Office phone or e-mail; shown publicly.') })}
    </div>
  </div>`
}

function relationFields(part: FormPart): Html {
  const { t } = part.visit
  const hint = t(
    '每行一个数据集编号，如 51100000PDY0000283/joint-prices。',
    'One dataset id a line, such as 51100000PDY0000283/joint-prices.',
  )
  return html`<div class="stack">
    ${(['upstream', 'downstream', 'related'] as const).map((name) => textField({ ...fieldBase(part, name), lines: 2, hint }))}
  </div>`
}

function hasRelations(form: Form): boolean {
  return ['upstream', 'downstream', 'related'].some((name) => textOf(form, name) !== undefined)
}

/** Codes of a table as options, in its order. */
export function optionsOf(lang: Lang, labels: Readonly<Record<string, Label>>): readonly Option[] {
  return Object.entries(labels).map(([value, label]) => ({ value, text: pick(lang, label) }))
}
