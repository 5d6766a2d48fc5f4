import type { CatalogEntry } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { rightsInWords } from '#web/components/dataset-view.ts'
import { checkField, choiceField, hiddenField, textField } from '#web/components/fields.ts'
import { linkButton, section, submitButton } from '#web/components/words.ts'
import type { FailedForm } from '#web/console/console-visit.ts'
import type { Fields } from '#web/pages/forms.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, type Redirect, redirect } from '#web/pages/page.ts'
import { showBytes, showDay } from '#web/pages/show.ts'
import { typedTerms } from './case-decide.ts'
import { datasetAsked, findEntry } from './dataset-found.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

const YEAR_SECONDS = 365 * 86_400

/** Applying for a dataset: its terms first, then purpose, term and number of pulls. */
export function applyPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/find/:member/:slug/apply', { roles: 'any' }, (visit) =>
    deps.standingOf(datasetAsked(visit).slice(0, 18)) === 'good'
      ? applyPage(visit, deps, undefined)
      : redirect(visit.href(`/find/${datasetAsked(visit)}`)),
  )
  pages.post(
    '/find/:member/:slug/apply',
    { roles: 'any', again: (visit, failed) => applyPage(visit, deps, failed) },
    (visit, fields) => apply(visit, deps, fields),
  )
}

async function apply(visit: NodeVisit, deps: NodePagesDeps, fields: Fields): Promise<Redirect> {
  const { t } = visit
  const dataset = datasetAsked(visit)
  if (fields.get('purpose') === '') throw new Refusal('PURPOSE_EMPTY', { field: '/purpose' })
  if (!fields.checked('accepted'))
    throw new Refusal('BODY_INVALID', {
      field: '/accepted',
      detail: { zh: '请确认已阅读条款', en: 'Say that you have read the terms' },
    })
  // What is accepted is what was shown: under other terms meanwhile the person reads again.
  const { entry } = await findEntry(visit, deps, dataset)
  if (!(fields.get('terms') === String(entry.terms))) throw new Refusal('OFFER_CHANGED', { dataset })
  const said = await visit.act<{ request: string; state: string }>('request', { dataset, ...typedTerms(fields) })
  visit.flash(
    'good',
    said.state === 'FINALIZED'
      ? t('协议当即生效，可以调取了。', 'The agreement is in force at once: the data can be pulled.')
      : t('申请已签名提交，进度见下面的“经过”。', 'The request is signed and on its way; its history is below.'),
  )
  return redirect(visit.href(`/requests/${said.request}`))
}

async function applyPage(visit: NodeVisit, deps: NodePagesDeps, failed: FailedForm | undefined): Promise<Page> {
  const { t, lang, href, formToken } = visit
  const dataset = datasetAsked(visit)
  const { entry, stale } = await findEntry(visit, deps, dataset)
  const title = pick(lang, entry.meta.title)
  return {
    title: t(`申请“${title}”`, `Apply for “${title}”`),
    layout: 'text',
    crumbs: [
      { text: t('查找数据', 'Find data'), href: href('/find') },
      { text: title, href: href(`/find/${dataset}`) },
      { text: t('申请', 'Apply') },
    ],
    body: html`${failed?.box}${stale}
      ${section(t('条款', 'Terms'), html`${rightsInWords(lang, entry)}${duties(visit, entry)}`, { card: true })}
      <form method="post" action=${href(`/find/${dataset}/apply`)} class="stack">
        ${formToken()}${hiddenField('terms', String(entry.terms))}
        ${fieldsOf(visit, entry, failed)}
        ${checkField({ name: 'accepted', required: true, label: t('已阅读上述条款，同意以本单位名义签名提交', 'I have read these terms and sign the request in the name of my organisation'), error: failed?.errorAt('accepted') })}
        <div class="cluster">
          ${submitButton(t('签名并提交申请', 'Sign and send'))}
          ${linkButton(href(`/find/${dataset}`), t('返回', 'Back'), 'quiet')}
        </div>
      </form>`,
  }
}

/** What whoever uses the data takes on; the agreement says the same in its policy. */
function duties({ t }: NodeVisit, { meta }: CatalogEntry): Html {
  const { permit } = meta
  return html`<ul>
    <li>${t('只用于下面写明的用途，在约定的期限和次数内调取。', 'Use for the purpose stated below, within term and number of pulls.')}</li>
    <li>${t('使用时注明数据来源；对数据保密，不转给第三方。', 'Name the source; keep the data confidential and do not pass them on.')}</li>
    <li>${t('每次调取由双方节点签署回执，存证备查。', 'Both nodes sign a receipt for every pull.')}</li>
    ${permit !== undefined && html`<li>${t(`依据调查许可（${permit.number}）采集，许可有效期至 ${permit.until}，过期后不再提供。`, `Collected under survey permit ${permit.number}, valid until ${permit.until}; not provided after that.`)}</li>`}
  </ul>`
}

function fieldsOf({ t, lang, now }: NodeVisit, { files }: CatalogEntry, failed: FailedForm | undefined): Html {
  const typed = (name: string) => failed?.fields.get(name)
  return html`
    ${textField({
      name: 'purpose',
      label: t('用途', 'Purpose'),
      hint: t(
        '写清楚用在哪里、做什么。会逐字写入申请、协议和每次调取，不能事后改动。',
        'Say where and for what. It goes word for word into request, agreement and every pull, and cannot be changed afterwards.',
      ),
      lines: 4,
      maxLength: 1_000,
      required: true,
      value: typed('purpose') ?? '',
      error: failed?.errorAt('purpose'),
    })}
    ${textField({
      name: 'until',
      label: t('使用到哪一天（当天 24:00 止）', 'Until the end of'),
      type: 'date',
      min: showDay(lang, now),
      required: true,
      value: typed('until') ?? showDay(lang, now + YEAR_SECONDS),
      error: failed?.errorAt('until'),
    })}
    ${textField({
      name: 'pulls',
      label: t('调取次数', 'Number of pulls'),
      hint: t('留空为不限次数', 'empty: any number'),
      type: 'number',
      min: 1,
      value: typed('pulls') ?? '',
      error: failed?.errorAt('pulls'),
    })}
    ${
      files.length > 1 &&
      choiceField({
        name: 'files',
        kind: 'checkbox',
        label: t('只要部分文件', 'Only some of the files'),
        hint: t(
          '都不选即申请全部文件，包括以后版本中新增的。',
          'Choose none for all files, those of later versions included.',
        ),
        options: files.map(({ path, bytes }) => ({ value: path, text: path, hint: showBytes(lang, bytes) })),
        values: failed?.fields.all('files'),
      })
    }`
}
