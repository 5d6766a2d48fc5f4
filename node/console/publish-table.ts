import { Refusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { fileField, hiddenField, type Option, selectField, textField } from '#web/components/fields.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { badge, facts, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showBytes, showNumber } from '#web/pages/show.ts'
import type { Draft, DraftFile, Look } from '../store/drafts.ts'
import type { Inspection } from '../tables/inspection.ts'
import type { Field } from '../tables/table-schema.ts'
import { FIELD_KINDS, kindOf } from './field-kinds.ts'
import type { NodePagesDeps, NodeVisit } from './node-pages.ts'
import { findings } from './publish-grid.ts'
import { stepButtons, stepPath } from './publish-steps.ts'

const MOST_FIELDS = 200
const TABLE_FILES = '.csv,.tsv,.xlsx,.xls,.json,.parquet'

/** Step 2: what was recognised in each file, what is wrong where, and what each column means. */
export function tableBody(visit: NodeVisit, deps: NodePagesDeps, draft: Draft): Html {
  const looks = draft.files.map((file) => ({ file, look: deps.drafts.findLook(draft, file) }))
  const table = looks.find(({ look }) => look !== undefined && 'found' in look && look.found.kind !== 'opaque')
  const seen = table?.look !== undefined && 'found' in table.look ? table.look.found : undefined
  const sections = looks.map(({ file, look }) => fileSection(visit, draft, file, look))
  const isTrapped = seen === undefined && hasReading(draft)
  const reading = isTrapped ? readingReset(visit, draft) : seen !== undefined && readingMore(visit, draft, seen)
  return html`
    ${isTrapped || (seen?.sheets.length ?? 0) > 1 ? html`${reading}${sections}` : html`${sections}${reading}`}
    ${fieldsForm(visit, draft)}
  `
}

function fileSection(visit: NodeVisit, draft: Draft, file: DraftFile, look: Look | undefined): Html {
  const { t } = visit
  return section(
    file.name,
    html`<div class="stack" id="findings">
      ${look === undefined ? notChecked(visit, draft) : 'refused' in look ? refused(visit, look.refused) : seenFile(visit, draft, file, look.found)}
      ${replaceForm(visit, draft, file, look)}
    </div>`,
    { card: true, beside: stateBadge(t, look) },
  )
}

function stateBadge(t: NodeVisit['t'], look: Look | undefined): Html {
  if (look === undefined) return badge('quiet', t('尚未检查', 'Not checked'))
  if ('refused' in look) return badge('bad', t('读不了', 'Unreadable'))
  const { kind, errorCount, rows } = look.found
  if (kind === 'opaque') return badge('quiet', t('不是表格，按原样发布', 'No table, published as it is'))
  if (errorCount === 0 && rows === 0) return badge('warn', t('没有数据行', 'No rows'))
  return errorCount === 0
    ? badge('good', t('检查通过', 'Checked'))
    : badge('bad', t(`${errorCount} 处不合格`, `${errorCount} bad cells`))
}

function notChecked({ t, href, formToken }: NodeVisit, draft: Draft): Html {
  return html`<form method="post" action=${href(`/publish/${draft.id}/again`)}>
    ${formToken()}
    <p>${t('上次检查没有做完。', 'The last check was not finished.')}</p>
    ${submitButton(t('重新检查', 'Check again'))}
  </form>`
}

function refused(
  { lang, requestId }: NodeVisit,
  { code, facts: known }: Extract<Look, { refused: unknown }>['refused'],
): Html {
  return refusalBox(lang, new Refusal(code as RefusalCode, known).problem(requestId))
}

function seenFile(visit: NodeVisit, draft: Draft, file: DraftFile, found: Inspection): Html {
  if (found.kind === 'opaque')
    return html`${facts([[visit.t('大小', 'Size'), showBytes(visit.lang, file.bytes)]])}${warnings(visit, found)}`
  return html`${recognised(visit, file, found)}${warnings(visit, found)}${findings(visit, found, stepPath(draft, 'table'))}`
}

const KINDS: Readonly<Record<Inspection['kind'], Text>> = {
  csv: { zh: 'CSV 文本表格', en: 'CSV' },
  xlsx: { zh: 'Excel 工作簿', en: 'Excel workbook' },
  xls: { zh: 'Excel 97–2003 工作簿', en: 'Excel 97–2003 workbook' },
  json: { zh: 'JSON', en: 'JSON' },
  parquet: { zh: 'Parquet', en: 'Parquet' },
  opaque: { zh: '其他文件', en: 'Other file' },
}
const DELIMITERS: Readonly<Record<string, Text>> = {
  ',': { zh: '逗号', en: 'comma' },
  '\t': { zh: '制表符', en: 'tab' },
  ';': { zh: '分号', en: 'semicolon' },
}
const ENCODINGS = { 'utf-8': 'UTF-8', 'utf-8-bom': 'UTF-8', gb18030: 'GB18030' } as const

function recognised({ t, lang }: NodeVisit, file: DraftFile, found: Inspection): Html {
  const { kind, encoding, delimiter, sheet, headerRows, rows, columns } = found
  const header = headerRows.length === 0 ? undefined : headerRows.map(String).join(t('、', ', '))
  return facts([
    [t('识别为', 'Recognised as'), `${pick(lang, KINDS[kind])}${t('，', ', ')}${showBytes(lang, file.bytes)}`],
    [t('编码', 'Encoding'), encoding === null ? undefined : ENCODINGS[encoding]],
    [t('分隔符', 'Separator'), delimiter === null ? undefined : pick(lang, DELIMITERS[delimiter] as Text)],
    [t('工作表', 'Sheet'), sheet],
    [t('表头在', 'Header in'), header && t(`第 ${header} 行`, `row ${header}`)],
    [
      t('数据', 'Data'),
      t(
        `${showNumber(lang, rows)} 行，${showNumber(lang, columns)} 列`,
        `${showNumber(lang, rows)} rows, ${showNumber(lang, columns)} columns`,
      ),
    ],
  ])
}

function warnings({ t, lang }: NodeVisit, { warnings: all }: Inspection): Html {
  if (all.length === 0) return null
  return notice('warn', {
    title: t('请留意', 'Please mind'),
    body: html`<ul>${all.map(
      ({ column, count, row, message }) => html`<li>
        ${column !== '' && t(`“${column}”列`, `Column "${column}" `)}${pick(lang, message)}
        ${row > 0 && t(`（${showNumber(lang, count)} 处，首处在第 ${showNumber(lang, row)} 行）`, ` (${showNumber(lang, count)}, the first in row ${showNumber(lang, row)})`)}
      </li>`,
    )}</ul>`,
  })
}

/** Open where something has to be mended; what was typed stays with the draft. */
function replaceForm(visit: NodeVisit, draft: Draft, file: DraftFile, look: Look | undefined): Html {
  const { t, href, formToken } = visit
  const isBad = look !== undefined && ('refused' in look || look.found.errorCount > 0)
  const form = html`<form method="post" enctype="multipart/form-data" action=${href(`/publish/${draft.id}/replace`)}>
    ${formToken()}${hiddenField('file', file.stored)}
    ${fileField({ name: 'upload', label: t('改好的文件', 'The mended file'), accept: TABLE_FILES, required: true, drop: 'one' })}
    ${submitButton(t('换上并重新检查', 'Replace and check again'))}
  </form>`
  return more(t('换上改好的文件', 'Hand in a mended file'), form, isBad)
}

/** Which sheet is checked is asked outright; all else only where somebody says that it was recognised wrongly. */
function readingMore(visit: NodeVisit, draft: Draft, found: Inspection): Html {
  const { t } = visit
  const isAsked = found.sheets.length > 1
  const title = isAsked
    ? t(`检查的是工作表“${found.sheet}”。要检查另一个？`, `The sheet "${found.sheet}" is checked. Another one?`)
    : t('认得不对？改正读取方式', 'Recognised wrongly? Say how to read it')
  return more(title, readingForm(visit, draft, found), isAsked || hasReading(draft))
}

/** Nothing was found the way somebody said: what was said, and the way back. */
function readingReset({ t, href, formToken }: NodeVisit, { id, reading }: Draft): Html {
  const { sheet, headerRow } = reading
  const said = [
    sheet !== undefined && t(`工作表“${sheet}”`, `sheet "${sheet}"`),
    headerRow !== undefined && t(`表头在第 ${headerRow} 行`, `header in row ${headerRow}`),
  ].filter((one) => one !== false)
  return notice('warn', {
    title: t('照您填写的读取方式，文件里没有读到表格', 'Read the way you said, no table was found'),
    body: html`${said.length > 0 && html`<p>${said.join(t('，', ', '))}</p>`}
      <form method="post" action=${href(`/publish/${id}/reading`)}>
        ${formToken()}${submitButton(t('改回自动识别', 'Recognise it again'))}
      </form>`,
  })
}

function readingForm(visit: NodeVisit, draft: Draft, found: Inspection): Html {
  const { t, lang, href, formToken } = visit
  const { reading } = draft
  const isText = found.encoding !== null
  const delimiters: Option[] = Object.entries(DELIMITERS).map(([value, name]) => ({
    value: nameDelimiter(value),
    text: pick(lang, name),
  }))
  const sheets: Option[] = found.sheets.map(({ name, hidden }) => ({
    value: name,
    text: hidden ? `${name}${t('（隐藏）', ' (hidden)')}` : name,
  }))
  const blank = t('自动识别', 'Recognise')
  return html`<form method="post" action=${href(`/publish/${draft.id}/reading`)}>
    ${formToken()}
    <div class="field-row">
      ${
        isText &&
        selectField({
          name: 'encoding',
          label: t('编码', 'Encoding'),
          value: reading.encoding,
          blank,
          options: [
            { value: 'utf-8', text: 'UTF-8' },
            { value: 'gb18030', text: 'GB18030／GBK' },
          ],
        })
      }
      ${found.delimiter !== null && selectField({ name: 'delimiter', label: t('分隔符', 'Separator'), value: reading.delimiter && nameDelimiter(reading.delimiter), blank, options: delimiters })}
      ${sheets.length > 1 && selectField({ name: 'sheet', label: t('工作表', 'Sheet'), value: reading.sheet, blank, options: sheets })}
      ${found.headerRows.length > 0 && textField({ name: 'headerRow', label: t('表头在第几行', 'Row of the header'), type: 'number', min: 1, max: 1000, value: reading.headerRow, hint: t('留空为自动识别。', 'Empty: recognised.') })}
    </div>
    <p class="quiet-text">${t('改变后按新的读法重新找列，列的标题和说明按列名保留。', 'The columns are found anew; titles and meanings stay with their names.')}</p>
    ${submitButton(t('照此重新读取', 'Read again'), { kind: 'plain' })}
  </form>`
}

/** A tab is no value that survives every browser's form. */
const DELIMITER_NAMES = { comma: ',', tab: '\t', semicolon: ';' } as const

export function nameDelimiter(delimiter: string): string {
  return Object.entries(DELIMITER_NAMES).find(([, value]) => value === delimiter)?.[0] ?? ''
}

export function delimiterNamed(name: string): ',' | '\t' | ';' | undefined {
  return Object.hasOwn(DELIMITER_NAMES, name) ? DELIMITER_NAMES[name as keyof typeof DELIMITER_NAMES] : undefined
}

function hasReading({ reading }: Draft): boolean {
  return Object.keys(reading).length > 0
}

function fieldsForm(visit: NodeVisit, draft: Draft): Html {
  const { t, href, formToken } = visit
  // Without new files the version stays, and with it what its manifest says of columns.
  const fields = draft.files.length === 0 ? [] : (draft.schema?.fields ?? [])
  return html`<form method="post" action=${href(stepPath(draft, 'table'))}>
    ${formToken()}
    ${fields.length > 0 && section(t('列的含义（信息项）', 'What the columns mean'), columnsEditor(visit, fields), { id: 'fields', beside: againButton(visit, draft) })}
    ${stepButtons(visit, draft, 'table', t('保存，下一步', 'Save and go on'))}
  </form>`
}

function againButton({ t }: NodeVisit, draft: Draft): Html {
  return (
    draft.files.length > 0 &&
    submitButton(t('按文件重新识别列', 'Find the columns anew'), { kind: 'quiet', name: 'again', value: 'yes' })
  )
}

function columnsEditor({ t, lang }: NodeVisit, fields: readonly Field[]): Html {
  const shown = fields.slice(0, MOST_FIELDS)
  return html`
    <p class="quiet-text">${t('类型定得准，错误才查得出；标题和说明会显示在公开目录里，写得越清楚，别人越少来问。', 'Right types find the slips; titles and meanings are shown in the public catalogue.')}</p>
    <div class="table-wrap stacked columns-editor" role="region" aria-label=${t('列的含义', 'What the columns mean')} tabindex="0"><table>
      <caption class="hidden-text">${t('列的含义', 'What the columns mean')}</caption>
      <thead><tr>
        <th scope="col">${t('列名', 'Column')}</th><th scope="col">${t('类型', 'Type')}</th>
        <th scope="col">${t('标题', 'Title')}</th><th scope="col">${t('说明（单位、口径）', 'Meaning (unit, definition)')}</th>
      </tr></thead>
      <tbody>${shown.map((field, index) => {
        const kind = kindOf(field)
        const name = t(`“${field.name}”`, `"${field.name}" `)
        return html`<tr>
          <th scope="row">${field.name}</th>
          <td data-label=${t('类型', 'Type')}><select name=${`kind-${index}`} aria-label=${t(`${name}的类型`, `Type of ${name}`)}>
            ${kind === undefined && html`<option value="" selected>${t('保持现状', 'As it is')}</option>`}
            ${FIELD_KINDS.map((one) => html`<option value=${one.id} selected=${one === kind}>${pick(lang, one.name)}</option>`)}
          </select></td>
          <td data-label=${t('标题', 'Title')}><input type="text" name=${`title-${index}`} maxlength="200" value=${field.title ?? ''} placeholder=${field.name} aria-label=${t(`${name}的标题`, `Title of ${name}`)} /></td>
          <td data-label=${t('说明', 'Meaning')}><input type="text" name=${`description-${index}`} maxlength="1000" value=${field.description ?? ''} aria-label=${t(`${name}的说明`, `Meaning of ${name}`)} /></td>
        </tr>`
      })}</tbody>
    </table></div>
    ${fields.length > MOST_FIELDS && html`<p class="quiet-text">${t(`这里列出前 ${MOST_FIELDS} 列，共 ${fields.length} 列；其余按识别结果发布。`, `The first ${MOST_FIELDS} of ${fields.length} columns are listed; the others are published as recognised.`)}</p>`}
  `
}
