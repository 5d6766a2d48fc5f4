import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { SHARING } from '#schemas/codes/sharing.ts'
import { caseHistory } from '#web/components/case-history.ts'
import { signedDocument } from '#web/components/signed-document.ts'
import { badge, code, facts, more, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showBytes, showEnd, showNumber } from '#web/pages/show.ts'
import { CAUSE_WORDS, STATE_WORDS } from '#web/texts/agreement-words.ts'
import type { PartyName, ShownAgreement } from '../actions/show-agreement.ts'
import { agreementForms } from './agreement-forms.ts'
import { standingMark } from './agreements-page.ts'
import type { Failed, OperatorDeps, OperatorGroup, OperatorVisit } from './operator-pages.ts'

const DONE = {
  approve: { zh: '已记录您的同意。', en: 'Your approval is recorded.' },
  refuse: { zh: '已拒绝，理由会告知申请方。', en: 'Refused; the applicant will see the reason.' },
  suspend: { zh: '协议已暂停。', en: 'The agreement is suspended.' },
  resume: { zh: '已撤销共享中心的暂停。', en: "The hub's suspension is lifted." },
  terminate: { zh: '协议已终止。', en: 'The agreement is ended.' },
} as const

/** One agreement from request to end: what was signed, what it means, what may be done. */
export const agreementPages: OperatorGroup = (site, deps) => {
  site.get('/agreements/:id', { roles: 'any' }, (visit) => agreementPage(visit, deps, undefined))
  site.post(
    '/agreements/:id',
    { roles: ['approver'], again: (visit, failed) => agreementPage(visit, deps, failed) },
    async (visit, fields) => {
      const decision = fields.get('decision')
      const verb = Object.hasOwn(DONE, decision) ? (decision as keyof typeof DONE) : 'refuse'
      // The id is the hash of the payload that this page showed: what is decided on is what was read (threat I6).
      await visit.act(verb, { id: visit.params['id'], reason: fields.get('reason') })
      visit.flash('good', pick(visit.lang, DONE[verb]))
      return redirect(visit.href(`/agreements/${visit.params['id']}`))
    },
  )
}

async function agreementPage(visit: OperatorVisit, deps: OperatorDeps, failed: Failed): Promise<Page> {
  const { t, lang, href } = visit
  const found = await visit.act<ShownAgreement>('agreement-show', { id: visit.params['id'] })
  const { zh, en, tone } = STATE_WORDS[found.state]
  const names = new Map([found.consumer, ...found.owners].map(({ id, name }) => [id, name]))
  const nameOf = (id: string) => names.get(id) ?? id
  return {
    title: pick(lang, found.title),
    lead: t(
      `${found.consumer.name} 使用 ${found.owners.map(({ name }) => name).join('、')} 的数据`,
      `${found.consumer.name} uses data of ${found.owners.map(({ name }) => name).join(', ')}`,
    ),
    beside: html`${badge(tone, t(zh, en))}${found.sensitive && badge('bad', t('内容敏感', 'Sensitive'))}${found.withdrawn && badge('warn', t('数据集已撤回', 'Dataset withdrawn'))}`,
    crumbs: [{ text: t('协议', 'Agreements'), href: href('/agreements') }, { text: pick(lang, found.title) }],
    body: html`${failed?.box}<div class="split right">
      <div class="stack">
        ${section(t('条款', 'Terms'), terms(visit, found))}
        ${section(t('双方', 'Parties'), parties(visit, found))}
        ${section(t('数据集', 'Dataset'), dataset(visit, deps, found))}
        ${section(
          t('签名文件', 'Documents as signed'),
          html`<div class="stack tight">${found.documents.map((document) => signedDocument(lang, document, { nameOf, open: found.state === 'VERIFIED' && document.kind === 'agreement' }))}</div>`,
        )}
        ${more(
          t('编号', 'Ids'),
          facts([
            [t('协议', 'Agreement'), found.agreement !== null && code(found.agreement)],
            [t('申请', 'Request'), code(found.request)],
            [t('目录条目', 'Catalogue entry'), code(found.entry.id)],
          ]),
        )}
      </div>
      <div class="stack">
        ${agreementForms(visit, found, failed)}
        ${section(t('经过', 'History'), caseHistory(visit, { ...found, next: waitsFor(visit, found) }))}
      </div>
    </div>`,
  }
}

function terms(
  { t, lang }: OperatorVisit,
  { terms: said, path, state, cause, use, suspendedBy, consumer, owners }: ShownAgreement,
): Html {
  const nameOf = (party: string) =>
    party === 'hub' ? t('共享中心', 'the hub') : ([consumer, ...owners].find(({ id }) => id === party)?.name ?? party)
  return facts([
    [t('用途', 'Purpose'), said.purpose],
    [
      t('范围', 'Scope'),
      said.files === 'all'
        ? t('全部文件，本版本及以后版本', 'all files, this and later versions')
        : said.files.join(t('、', ', ')),
    ],
    [t('期限', 'Until'), showEnd(lang, said.until)],
    [t('次数', 'Pulls'), said.pulls === null ? t('不限', 'any number') : showNumber(lang, said.pulls)],
    [t('共享类型', 'Sharing'), pick(lang, SHARING[path])],
    [t('暂停方', 'Suspended by'), suspendedBy.map(nameOf).join(t('、', ', '))],
    [t('结束原因', 'Why it ended'), state === 'TERMINATED' && cause !== null && pick(lang, CAUSE_WORDS[cause])],
    [
      t('已调取', 'Pulled'),
      use.pulls > 0 &&
        t(`${use.pulls} 次，${showBytes(lang, use.bytes)}`, `${use.pulls} times, ${showBytes(lang, use.bytes)}`),
    ],
  ])
}

function parties(visit: OperatorVisit, { consumer, owners }: ShownAgreement): Html {
  const { t } = visit
  return facts([
    [t('使用方', 'Consumer'), party(visit, consumer)],
    ...owners.map((owner) => [t('提供方', 'Owner'), party(visit, owner)] as const),
  ])
}

function party(visit: OperatorVisit, one: PartyName): Html {
  const { lang, href } = visit
  const { id, name, class: memberClass } = one
  return html`<a href=${href(`/members/${id}`)}>${name}</a>
    ${memberClass !== null && html` <span class="quiet-text">${pick(lang, MEMBER_CLASS_LABELS[memberClass as keyof typeof MEMBER_CLASS_LABELS])}</span>`}
    ${standingMark(visit, one)}`
}

function dataset({ t, lang }: OperatorVisit, { portal }: OperatorDeps, { dataset: id, entry }: ShownAgreement): Html {
  const { meta, version } = entry.payload
  const path = `${portal}${lang === 'en' ? '/en' : ''}/datasets/${id}`
  return facts([
    [t('名称', 'Title'), html`<a href=${path}>${pick(lang, meta.title)}</a>`],
    [t('摘要', 'Abstract'), meta.description && pick(lang, meta.description)],
    [t('申请时的版本', 'Version when asked'), showNumber(lang, version)],
    [t('责任单位', 'Responsible'), meta.responsible.unit],
    [
      t('可申请的单位', 'Who may ask'),
      meta.audience.map((one) => pick(lang, MEMBER_CLASS_LABELS[one])).join(t('、', ', ')),
    ],
    [t('价格', 'Price'), meta.price !== undefined && `${meta.price.amount} ${meta.price.currency}／${meta.price.unit}`],
  ])
}

function waitsFor({ t }: OperatorVisit, { state, approvals }: ShownAgreement): string | undefined {
  if (state !== 'VERIFIED') return undefined
  return approvals.length > 0
    ? t('等待第二位审批员', 'Waits for a second approver')
    : t('等待审批', 'Waits for approval')
}
