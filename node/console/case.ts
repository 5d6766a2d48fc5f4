import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { SHARING } from '#schemas/codes/sharing.ts'
import type { Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { caseHistory } from '#web/components/case-history.ts'
import { rightsInWords } from '#web/components/dataset-view.ts'
import { signedDocument } from '#web/components/signed-document.ts'
import { badge, code, facts, linkButton, more, notice, section } from '#web/components/words.ts'
import { attachment } from '#web/pages/attachment.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, raw } from '#web/pages/page.ts'
import { showBytes, showEnd, showNumber } from '#web/pages/show.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import type { Receipt } from '../actions/list-receipts.ts'
import type { ShownCase } from '../actions/show-case.ts'
import { decide } from './case-decide.ts'
import { caseForms, type Failed } from './case-forms.ts'
import { caseBadge, nextStep } from './case-words.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

/** One case from request to end: who asks for what, on which terms, what was signed, and what we may do now. */
export function casePages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/requests/:id', { roles: 'any' }, (visit) => casePage(visit, deps, undefined))
  pages.get('/requests/:id/proof', { roles: 'any' }, async (visit) => {
    const { agreement } = deps.using.showCase(visit.params['id'] ?? '')
    if (agreement === null) throw new Refusal('AGREEMENT_UNKNOWN')
    const [proved] = await visit.act<{ proofFile: string }[]>('agreements', { id: agreement, proofs: true })
    return raw('application/json', proved?.proofFile ?? '', attachment(`${agreement}.proof.json`))
  })
  pages.post(
    '/requests/:id',
    { roles: 'any', again: (visit, failed) => casePage(visit, deps, failed) },
    (visit, fields) => decide(visit, deps.using.showCase(visit.params['id'] ?? ''), fields),
  )
}

async function casePage(visit: NodeVisit, deps: NodePagesDeps, failed: Failed): Promise<Page> {
  const { t, lang, href } = visit
  await deps.using.entries.learn()
  const found = deps.using.showCase(visit.params['id'] ?? '')
  if (found.role === 'consumer') await deps.using.entries.refresh([found.dataset])
  const receipts = (await visit.act<Receipt[]>('receipts')).filter(({ agreement }) => agreement === found.agreement)
  const title = deps.titleOf(lang, found.dataset)
  const next = nextStep(visit, found, deps.member)
  const owners = found.owners.map(deps.nameOf)
  return {
    title,
    lead: t(
      `${deps.nameOf(found.consumer)}申请使用${owners.join('、')}的数据`,
      `${deps.nameOf(found.consumer)} asks for data of ${owners.join(', ')}`,
    ),
    layout: 'wide',
    beside: caseBadge(visit, found),
    crumbs: [
      {
        text: t('申请与协议', 'Requests and agreements'),
        href: href(`/requests?direction=${found.role === 'owner' ? 'incoming' : 'outgoing'}`),
      },
      { text: title },
    ],
    body: html`${failed?.box}
      ${standing(visit, found, deps, next)}
      <div class="split right">
        <div class="stack">
          ${section(t('条款', 'Terms'), termsView(visit, found))}
          ${section(t('双方', 'Parties'), parties(visit, deps, found))}
          ${section(t('数据集', 'Dataset'), datasetView(visit, deps, found, title))}
          ${receipts.length > 0 && section(t('调取', 'Pulls'), useView(visit, receipts))}
          ${section(
            t('签名文件', 'Documents as signed'),
            html`<div class="stack tight">${found.documents.map((document) => signedDocument(lang, document, { nameOf: deps.nameOf }))}</div>`,
            {
              beside:
                found.agreement !== null &&
                linkButton(href(`/requests/${found.request}/proof`), t('保存协议的证明文件', 'Save the proof of it')),
            },
          )}
          ${more(
            t('编号', 'Ids'),
            facts([
              [t('申请', 'Request'), code(found.request)],
              [t('协议', 'Agreement'), found.agreement !== null && code(found.agreement)],
              [t('数据集', 'Dataset'), code(found.dataset)],
            ]),
          )}
        </div>
        <div class="stack">
          ${caseForms(visit, deps, found, failed)}
          ${section(t('经过', 'History'), caseHistory(visit, { ...found, next }))}
        </div>
      </div>`,
  }
}

/** What comes next, over everything else. */
function standing(visit: NodeVisit, found: ShownCase, deps: NodePagesDeps, next: string | undefined): Html {
  const { t, href } = visit
  const { state, role, suspendedBy, agreement } = found
  const ours = deps.using.ours().has(found.request)
  if (next !== undefined)
    return notice('info', {
      title: next,
      actions: ours && html`<a href="#answer">${t('去答复', 'Answer')}</a>`,
    })
  const nameOf = (party: string) => (party === 'hub' ? t('共享中心', 'the hub') : deps.nameOf(party))
  if (state === 'SUSPENDED')
    return notice('warn', {
      title: t(`${suspendedBy.map(nameOf).join('、')}已暂停协议`, `Suspended by ${suspendedBy.map(nameOf).join(', ')}`),
      body: t(
        '恢复之前不能调取；各方只能撤销自己的暂停。',
        'Nothing can be pulled until it is resumed; each side lifts its own suspension only.',
      ),
    })
  if (state === 'FINALIZED' && deps.using.entries.isWithdrawn(found.dataset))
    return notice('info', {
      title: t('提供方已撤回这个数据集，不能再调取', 'The owner has withdrawn the dataset: it can be pulled no more'),
      body: t('已经取得的数据、协议和回执仍然有效。', 'What was pulled, the agreement and the receipts stand.'),
    })
  if (state === 'FINALIZED' && role === 'consumer' && agreement !== null)
    return notice('good', {
      title: t('协议有效，可以调取', 'In force: the data can be pulled'),
      actions: linkButton(href(`/pulls?agreement=${agreement}`), t('去调取', 'Pull the data'), 'primary'),
    })
  if (state === 'TERMINATED' && role === 'consumer')
    return notice('info', {
      title: t('这份申请已经结束', 'This request is over'),
      body: t('原因见“经过”。需要时可以重新申请。', 'Its history says why. It may be asked for anew.'),
      actions: linkButton(href(`/find/${found.dataset}/apply`), t('重新申请', 'Ask anew')),
    })
  return null
}

/** The words that stand, and beside them what was asked where that was something else. */
function termsView({ t, lang }: NodeVisit, { terms, asked, path, agreement, lastBy, consumer }: ShownCase): Html {
  const scope = ({ files }: Terms) =>
    files === 'all' ? t('全部文件，本版本及以后版本', 'all files, this and later versions') : files.join(t('、', ', '))
  const pulls = (one: Terms) => (one.pulls === null ? t('不限', 'any number') : showNumber(lang, one.pulls))
  const beside = (now: string, before: string) =>
    now === before
      ? now
      : html`${now} <small class="quiet-text">${t(`（申请的是：${before}）`, `(asked: ${before})`)}</small>`
  return html`
    ${
      agreement === null &&
      lastBy !== consumer &&
      html`<p>${badge('warn', t('提供方提出的条款', 'Terms offered by the owner'))}</p>`
    }
    ${facts([
      [t('用途', 'Purpose'), beside(terms.purpose, asked.purpose)],
      [t('范围', 'Scope'), beside(scope(terms), scope(asked))],
      [t('期限', 'Until'), beside(showEnd(lang, terms.until), showEnd(lang, asked.until))],
      [t('调取次数', 'Pulls'), beside(pulls(terms), pulls(asked))],
      [t('共享类型', 'Sharing'), pick(lang, SHARING[path])],
      [
        t('义务', 'Duties'),
        t(
          '只用于上述用途；注明来源；保密，不转给第三方；每次调取双方签署回执。',
          'For this purpose only; name the source; keep it confidential and do not pass it on; both sides sign a receipt for every pull.',
        ),
      ],
    ])}`
}

function parties(visit: NodeVisit, deps: NodePagesDeps, { consumer, owners }: ShownCase): Html {
  const { t } = visit
  return facts([
    [t('申请方', 'Applicant'), party(visit, deps, consumer)],
    ...owners.map((owner) => [t('提供方', 'Owner'), party(visit, deps, owner)] as const),
  ])
}

function party({ t, lang }: NodeVisit, deps: NodePagesDeps, id: string): Html {
  const found = deps.using.members().find((one) => one.id === id)
  if (found === undefined) return html`${id} ${badge('bad', t('不在信任目录中', 'Not in the directory'))}`
  const { zh, en, tone } = STANDING_WORDS[found.standing]
  return html`${found.name}${id === deps.member && t('（本单位）', ' (us)')}
    <span class="quiet-text"> ${pick(lang, MEMBER_CLASS_LABELS[found.class])}${t('，', ', ')}${id}</span>
    ${found.standing !== 'good' && badge(tone, t(zh, en))}`
}

function datasetView({ t, lang, href }: NodeVisit, deps: NodePagesDeps, found: ShownCase, title: string): Html {
  const { dataset, entry } = found
  const path = dataset.startsWith(`${deps.member}/`) ? `/datasets/${dataset.slice(19)}` : `/find/${dataset}`
  return html`<p><a href=${href(path)}>${title}</a></p>
    ${
      entry === undefined
        ? html`<p class="quiet-text">${t('目录条目要从共享中心取得，现在连不上。', 'Its entry comes from the hub, which cannot be reached just now.')}</p>`
        : html`${entry.meta.description !== undefined && html`<p>${pick(lang, entry.meta.description)}</p>`}${rightsInWords(lang, entry)}`
    }`
}

function useView({ t, lang, href }: NodeVisit, receipts: readonly Receipt[]): Html {
  const bytes = receipts.reduce((sum, one) => sum + one.bytes, 0)
  const open = receipts.filter(({ acknowledgement }) => acknowledgement === null).length
  return html`<p>
    ${t(`已调取 ${receipts.length} 次，共 ${showBytes(lang, bytes)}`, `${receipts.length} pulls, ${showBytes(lang, bytes)}`)}${open > 0 && t(`；${open} 次还没有确认`, `; ${open} not yet acknowledged`)}${t('。', '. ')}
    <a href=${href(`/receipts?agreement=${receipts[0]?.agreement ?? ''}`)}>${t('查看回执', 'See the receipts')}</a>
  </p>`
}
