import { META_DEFAULTS } from '#schemas/catalog/fill-meta.ts'
import type { RuleContext } from '#schemas/catalog/rules.ts'
import { CLASSIFICATIONS } from '#schemas/codes/classifications.ts'
import { LEGAL_BASES } from '#schemas/codes/legal-bases.ts'
import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { OWNERSHIP } from '#schemas/codes/ownership.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { checkField, choiceField, hiddenField, selectField, textField } from '#web/components/fields.ts'
import { sampleTable } from '#web/components/sample-table.ts'
import { more, notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showNumber } from '#web/pages/show.ts'
import { type Form, listOf, ownersOf, textOf } from '../actions/draft-meta.ts'
import type { Sample } from '../tables/inspection.ts'
import { checkBase, type FormPart, fieldBase, optionsOf } from './publish-about.ts'

interface RightsPart extends FormPart {
  readonly rules: RuleContext
  readonly members: readonly MemberEntry[]
  /** The rows that a public sample would be taken from; undefined where there is no table. */
  readonly sample: Sample | undefined
}

/** Step 4: who may have the data, and what is said of them in law. */
export function rightsFields(part: RightsPart): Html {
  const { t } = part.visit
  return html`
    ${section(t('怎样共享', 'How it is shared'), sharingFields(part))}
    ${section(t('法定属性', 'In law'), legalFields(part))}
    ${permitFields(part)}
    ${section(t('收费', 'Price'), priceFields(part))}
    ${part.sample !== undefined && section(t('公开样例', 'Public sample'), sampleFields(part, part.sample))}
    ${more(t('共同所有（与其他单位一起研发的数据）', 'Joint ownership (data made together with others)'), ownerFields(part), isShared(part.form))}
  `
}

function sharingFields(part: RightsPart): Html {
  const { visit, form } = part
  const { t, lang } = visit
  return html`<div class="stack">
    ${choiceField({
      ...fieldBase(part, 'sharing'),
      kind: 'radio',
      required: true,
      values: listOf(form, 'sharing'),
      options: [
        {
          value: 'unconditional',
          text: t('无条件共享', 'Unconditional'),
          hint: t(
            '下面选定的单位提出申请就能拿到，不用逐次同意。',
            'Those chosen below get it when they ask; nobody has to consent each time.',
          ),
        },
        {
          value: 'conditional',
          text: t('有条件共享', 'Conditional'),
          hint: t(
            '每份申请先由本单位同意，再由共享中心审批。',
            'Each request needs your consent, then the approval of the hub.',
          ),
        },
        {
          value: 'none',
          text: t('不予共享', 'Not shared'),
          hint: t('目录里能看到有这份数据，但谁也拿不到。', 'The catalogue shows that it exists; nobody can have it.'),
        },
      ],
    })}
    ${choiceField({
      ...fieldBase(part, 'audience'),
      kind: 'checkbox',
      values: form['audience'] === undefined ? META_DEFAULTS.audience : listOf(form, 'audience'),
      options: optionsOf(lang, MEMBER_CLASS_LABELS),
    })}
  </div>`
}

function legalFields(part: RightsPart): Html {
  const { visit, form } = part
  const { t, lang } = visit
  const { 'state-secret': secret, ...levels } = CLASSIFICATIONS
  return html`<div class="stack">
    ${notice('warn', {
      title: t(`${secret.zh}不得上传`, `${secret.en}s must not be uploaded`),
      body: t(
        '涉及国家秘密的内容请立即停止操作，按保密规定处理。',
        'If the content is a state secret, stop here and follow the secrecy rules.',
      ),
    })}
    ${selectField({ ...fieldBase(part, 'classification'), value: textOf(form, 'classification') ?? META_DEFAULTS.classification, options: optionsOf(lang, levels) })}
    ${selectField({ ...fieldBase(part, 'legalBasis'), value: textOf(form, 'legalBasis') ?? META_DEFAULTS.legalBasis, options: optionsOf(lang, LEGAL_BASES) })}
    ${checkField({ ...checkBase(part, 'sensitive'), label: t('内容敏感，须经共享中心两人审批', 'Sensitive: two operators of the hub must approve') })}
  </div>`
}

/** Asked only of survey data, or where something was written already. */
function permitFields(part: RightsPart): Html {
  const { t } = part.visit
  const isSurvey = textOf(part.form, 'contentClass') === '3'
  if (!isSurvey && textOf(part.form, 'permitNumber') === undefined) return null
  return section(
    t('调查许可', 'Survey permit'),
    html`<div class="stack">
      <p>${t('第 3 类（调查数据）必须写明依法取得的许可。', 'Class 3 (surveys) needs the permit it was made under.')}</p>
      <div class="field-row">
        ${textField({ ...fieldBase(part, 'permitAuthority'), required: isSurvey, maxLength: 200 })}
        ${textField({ ...fieldBase(part, 'permitNumber'), required: isSurvey, maxLength: 200 })}
      </div>
      <div class="field-row">
        ${textField({ ...fieldBase(part, 'permitForm'), required: isSurvey, maxLength: 200 })}
        ${textField({ ...fieldBase(part, 'permitUntil'), required: isSurvey, type: 'date' })}
      </div>
    </div>`,
  )
}

/** Only where the rules let a price be; otherwise why there can be none. */
function priceFields(part: RightsPart): Html {
  const { visit, form, rules } = part
  const { t } = visit
  const priced = listOf(form, 'priced').includes('yes')
  const why =
    rules.phase === 'construction'
      ? t('平台处于建设阶段，信息免费共享。', 'In the construction phase everything is free.')
      : textOf(form, 'contentClass') === '1'
        ? t('第 1 类信息免费共享。', 'Class 1 is always free.')
        : undefined
  if (why !== undefined && !priced) return html`<p>${why}</p>`
  return html`<div class="stack">
    ${why !== undefined && html`<p>${why}</p>`}
    ${checkField({ name: 'priced', label: t('收费', 'It has a price'), checked: priced })}
    <div class="field-row">
      ${textField({ ...fieldBase(part, 'priceAmount'), inputmode: 'decimal', maxLength: 16 })}
      ${textField({ ...fieldBase(part, 'priceCurrency'), value: textOf(form, 'priceCurrency') ?? 'CNY', maxLength: 3 })}
      ${textField({ ...fieldBase(part, 'priceUnit'), maxLength: 40, hint: t('如“次”“年”。', 'Such as 次, 年.') })}
    </div>
  </div>`
}

/** The rows themselves are shown: consent to publish them must know what they are. */
function sampleFields(part: RightsPart, sample: Sample): Html {
  const { visit, form } = part
  const { t, lang } = visit
  const rows = Number(textOf(form, 'sampleRows') ?? 5) || 5
  const shown = sample.rows.slice(0, rows)
  return html`<div class="stack">
    ${checkField({ ...checkBase(part, 'sample'), label: t('把开头几行公开，任何人都能看到', 'Make the first rows public, for anybody to see') })}
    ${textField({ ...fieldBase(part, 'sampleRows'), type: 'number', min: 1, max: 100, value: String(rows) })}
    <p>${t(`如果公开，公众会看到的就是下面这 ${showNumber(lang, shown.length)} 行：`, `If so, these ${showNumber(lang, shown.length)} rows are what the public will see:`)}</p>
    ${sampleTable(lang, { columns: sample.columns, rows: shown })}
  </div>`
}

/** What is not the usual lies open, and with it what may be wrong about it. */
function isShared(form: Form): boolean {
  return (textOf(form, 'ownership') ?? META_DEFAULTS.ownership) !== META_DEFAULTS.ownership
}

function ownerFields(part: RightsPart): Html {
  const { visit, form, rules } = part
  const { t, lang } = visit
  const { PLATFORM, ...others } = OWNERSHIP
  const choices = rules.memberClass === 'department' ? { ...others, PLATFORM } : others
  return html`<div class="stack">
    ${selectField({ ...fieldBase(part, 'ownership'), value: textOf(form, 'ownership') ?? META_DEFAULTS.ownership, options: optionsOf(lang, choices) })}
    ${hiddenField('owners', rules.member)}
    ${choiceField({
      ...fieldBase(part, 'owners'),
      kind: 'checkbox',
      values: ownersOf(form),
      options: otherOwners(part),
      hint: t(
        '共同所有时勾选本单位以外的所有者；他们会签后才会公布。',
        'For joint ownership: the owners besides us. It is published once they have signed.',
      ),
    })}
    ${textField({
      ...fieldBase(part, 'ownersMore'),
      lines: 2,
      spellcheck: false,
      hint: t(
        '上面没有列出的：每行一个成员的全称或统一社会信用代码。',
        'Any not listed above: one full name of a member, or 统一社会信用代码, a line.',
      ),
    })}
  </div>`
}

/** Associations in good standing, and whoever was named already. */
function otherOwners({ form, rules, members }: RightsPart) {
  const named = ownersOf(form)
  return members
    .filter(({ id, class: kind, standing }) => named.includes(id) || (kind === 'association' && standing === 'good'))
    .filter(({ id }) => id !== rules.member)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'zh-CN'))
    .map(({ id, name }) => ({ value: id, text: name }))
}

/** Owners typed by name or code become ticked boxes; what names no member, or several, stays as it was typed. */
export function nameOwners(form: Form, members: readonly MemberEntry[]): Form {
  const typed = (textOf(form, 'ownersMore') ?? '').split(/[\n,，、;；]+/).map((words) => words.trim())
  const said = typed.map((words) => ({
    words,
    found: members.filter(({ id, name }) => words === id || words === name),
  }))
  const named = said.flatMap(({ found: [one, ...more] }) => (one !== undefined && more.length === 0 ? [one.id] : []))
  const others = said.flatMap(({ words, found }) => (found.length === 1 ? [] : [words]))
  return { ...form, owners: [...listOf(form, 'owners'), ...named], ownersMore: others.join('\n') }
}
