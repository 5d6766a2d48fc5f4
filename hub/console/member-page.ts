import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { badge, facts, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showDay, showTime } from '#web/pages/show.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import type { ShownMember } from '../actions/show-member.ts'
import { type AgreementList, agreementTable } from './agreements-page.ts'
import { certificateTable } from './member-certificates.ts'
import { memberForms } from './member-forms.ts'
import { memberHistory } from './member-history.ts'
import { momentOf } from './moment.ts'
import type { Failed, OperatorDeps, OperatorGroup, OperatorVisit } from './operator-pages.ts'

const SHOWN_AGREEMENTS = 20

/** One member: who it is, its certificates, what it shares and uses, what was decided. */
export const memberPages: OperatorGroup = (site, deps) => {
  site.get('/members/:member', { roles: 'any' }, (visit) => memberPage(visit, deps, undefined))
  site.post(
    '/members/:member',
    { roles: ['registrar'], again: (visit, failed) => memberPage(visit, deps, failed) },
    async (visit, fields) => {
      const { t, params, href } = visit
      const member = params['member'] as string
      const reason = fields.get('reason')
      const decision = fields.get('decision')
      if (decision === 'revoke') {
        const since = momentOf(fields, 'since')
        // A certificate's thumbprint where the form was that of one pair.
        const id = fields.optional('certificate') ?? member
        await visit.act('revoke', { id, reason, ...(since === undefined ? {} : { since }) })
        visit.flash(
          'good',
          id === member
            ? t('成员及其全部证书已吊销。', 'The member and all its certificates are revoked.')
            : t('这组证书已吊销。', 'The pair of certificates is revoked.'),
        )
      } else {
        const verb = decision === 'resume' ? 'resume' : 'suspend'
        await visit.act(verb, { id: member, reason })
        visit.flash(
          'good',
          verb === 'suspend'
            ? t('成员已暂停。', 'The member is suspended.')
            : t('成员已恢复。', 'The member is good again.'),
        )
      }
      return redirect(href(`/members/${member}`))
    },
  )
}

async function memberPage(visit: OperatorVisit, deps: OperatorDeps, failed: Failed): Promise<Page> {
  const { t, lang, href } = visit
  const id = visit.params['member'] as string
  const [found, agreements] = await Promise.all([
    visit.act<ShownMember>('member-show', { member: id }),
    visit.act<AgreementList>('agreement-list', { member: id, limit: SHOWN_AGREEMENTS }),
  ])
  const word = STANDING_WORDS[found.state]
  return {
    title: found.name,
    beside: badge(word.tone, pick(lang, word)),
    crumbs: [{ text: t('成员', 'Members'), href: href('/members') }, { text: found.name }],
    body: html`${failed?.box}<div class="split right">
      <div class="stack">
        ${section(t('单位', 'Organisation'), memberFacts(visit, deps, found))}
        ${section(t('证书', 'Certificates'), certificateTable(visit, found, failed))}
        ${section(t('协议', 'Agreements'), agreementTable(visit, agreements.items))}
        ${agreements.next !== null && html`<p class="small quiet-text">${t(`只列出最近变化的 ${SHOWN_AGREEMENTS} 份。`, `The ${SHOWN_AGREEMENTS} that changed last.`)}</p>`}
      </div>
      <div class="stack">
        ${memberForms(visit, found, failed)}
        ${section(t('经过', 'History'), memberHistory(visit, found))}
      </div>
    </div>`,
  }
}

function memberFacts({ t, lang, href }: OperatorVisit, { portal }: OperatorDeps, found: ShownMember): Html {
  const linked = ({ id, name }: { id: string; name: string }) => html`<a href=${href(`/members/${id}`)}>${name}</a>`
  const unsponsored = found.class === 'affiliate' && found.standing === 'good' && found.state !== 'good'
  return facts([
    [t('统一社会信用代码', 'Credit code'), html`<code>${found.id}</code>`],
    [t('类别', 'Class'), pick(lang, MEMBER_CLASS_LABELS[found.class])],
    [t('节点地址', 'Endpoint'), found.endpoint ?? t('不对外提供数据', 'provides no data')],
    [t('加入', 'Joined'), showTime(lang, found.since)],
    [t('暂停或吊销的理由', 'Reason of its standing'), found.reason],
    [t('说明', 'Note'), unsponsored && t('没有有效的担保，因此暂停', 'suspended, since nobody sponsors it')],
    [
      t('担保单位', 'Sponsors'),
      found.sponsors.length > 0 &&
        html`<ul class="plain">${found.sponsors.map(
          (sponsor) => html`<li>${linked(sponsor)}
            ${sponsor.until !== null && t(`至 ${showDay(lang, sponsor.until)}`, `until ${showDay(lang, sponsor.until)}`)}
            ${!sponsor.stands && badge('warn', t('已失效', 'Not in force'))}</li>`,
        )}</ul>`,
    ],
    [
      t('被担保单位', 'Sponsored'),
      found.sponsored.length > 0 &&
        html`<ul class="plain">${found.sponsored.map((one) => html`<li>${linked(one)}</li>`)}</ul>`,
    ],
    [
      t('数据集', 'Datasets'),
      html`<a href=${`${portal}${lang === 'en' ? '/en' : ''}/members/${found.id}`}>${t('在门户中查看', 'See them on the portal')}</a>`,
    ],
  ])
}
