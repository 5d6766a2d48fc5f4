import { hiddenField, textField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, more, notice, section, submitButton, type Tone } from '#web/components/words.ts'
import type { FailedForm } from '#web/console/console-visit.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showDay, showEnd } from '#web/pages/show.ts'
import type { Sponsorship } from '../store/sponsorships.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

/** Our word for affiliates: giving it, and taking it back. */
export function sponsorshipPages(pages: NodePages, deps: NodePagesDeps): void {
  const again = (visit: NodeVisit, failed: FailedForm) => sponsorshipsPage(visit, deps, failed)
  pages.get('/sponsorships', { roles: 'any' }, (visit) => sponsorshipsPage(visit, deps, undefined))
  pages.post('/sponsorships', { roles: 'any', again }, async (visit, fields) => {
    const until = fields.optional('until')
    const said = await visit.act<{ state: string }>('sponsor', {
      member: fields.get('member').toUpperCase(),
      ...(until !== undefined && { until }),
    })
    const { t, href } = visit
    visit.flash(
      said.state === 'queued' ? 'warn' : 'good',
      said.state === 'queued'
        ? t('担保已签名，共享中心恢复后自动送出。', 'The sponsorship is signed and goes out when the hub is back.')
        : t(
            '担保已生效；接入码由共享中心签发给对方。',
            'The sponsorship stands; the hub gives the affiliate its code.',
          ),
    )
    return redirect(href('/sponsorships'))
  })
  pages.post('/sponsorships/end', { roles: 'any', again }, async (visit, fields) => {
    const reason = fields.optional('reason')
    await visit.act('unsponsor', { member: fields.get('member'), ...(reason !== undefined && { reason }) })
    visit.flash(
      'good',
      visit.t('担保已撤回，对方随即停用。', 'The sponsorship is withdrawn; the affiliate stops at once.'),
    )
    return redirect(visit.href('/sponsorships'))
  })
}

function sponsorshipsPage(visit: NodeVisit, deps: NodePagesDeps, failed: FailedForm | undefined): Page {
  const { t, href } = visit
  const mayGive = deps.membership().memberClass === 'association'
  return {
    title: t('担保关联单位', 'Sponsored affiliates'),
    lead: t(
      '会员企业等关联单位须由一家协会担保才能接入；担保到期或撤回，对方即停用。',
      'Member companies and the like join on the word of an association; when it ends they stop.',
    ),
    layout: 'wide',
    crumbs: [
      { text: t('成员', 'Members'), href: href('/members') },
      { text: t('担保关联单位', 'Sponsored affiliates') },
    ],
    body: html`${failed?.box}
      ${
        mayGive
          ? section(t('新的担保', 'Sponsor an affiliate'), giveForm(visit, failed), { card: true })
          : notice('info', { title: t('只有行业协会商会可以担保', 'Only associations may sponsor') })
      }
      ${section(t('本单位给出的担保', 'Sponsorships of ours'), list(visit, deps))}`,
  }
}

function giveForm({ t, lang, now, href, formToken }: NodeVisit, failed: FailedForm | undefined): Html {
  return html`<form method="post" action=${href('/sponsorships')}>
    ${formToken()}
    ${textField({ name: 'member', label: t('对方的统一社会信用代码', 'Credit code of the affiliate'), required: true, maxLength: 18, spellcheck: false, value: failed?.fields.get('member') ?? '', error: failed?.errorAt('member') })}
    ${textField({ name: 'until', label: t('到哪一天（当天 24:00 止）', 'Until the end of'), hint: t('留空为没有期限', 'empty: no end'), type: 'date', min: showDay(lang, now), value: failed?.fields.get('until') ?? '', error: failed?.errorAt('until') })}
    ${submitButton(t('签名担保', 'Sign'))}
  </form>`
}

function list(visit: NodeVisit, deps: NodePagesDeps): Html {
  const { t, lang } = visit
  return table<Sponsorship>({
    caption: t('本单位给出的担保', 'Sponsorships of ours'),
    stacked: true,
    rows: deps.using.sponsorships(),
    empty: emptyState(t('还没有担保过关联单位', 'Nobody is sponsored yet')),
    columns: [
      {
        head: t('关联单位', 'Affiliate'),
        kind: 'row',
        cell: ({ affiliate }) => {
          const name = deps.nameOf(affiliate)
          return name === affiliate
            ? html`<code>${affiliate}</code>`
            : html`${name}<br /><small class="quiet-text">${affiliate}</small>`
        },
      },
      {
        head: t('期限', 'Until'),
        cell: ({ until }) => (until === null ? t('没有期限', 'no end') : showEnd(lang, until)),
      },
      { head: t('状态', 'State'), cell: (one) => stateBadge(visit, one) },
      {
        head: t('撤回', 'Withdraw'),
        cell: (one) => (one.state === 'standing' || one.state === 'queued' ? endForm(visit, one) : '—'),
      },
    ],
  })
}

function stateBadge({ t, now }: NodeVisit, { state, until, revocation }: Sponsorship): Html {
  const isOver = until !== null && Date.parse(until) / 1000 <= now
  if (state === 'standing' && isOver) return badge('quiet', t('已到期', 'Ended'))
  const marks: Record<Sponsorship['state'], readonly [Tone, string]> = {
    queued: ['warn', t('等待送达', 'On its way')],
    standing: ['good', t('有效', 'Standing')],
    revoking: ['warn', t('撤回等待送达', 'Withdrawal on its way')],
    revoked: ['quiet', revocation === null ? t('已由新担保代替', 'Replaced') : t('已撤回', 'Withdrawn')],
    refused: ['bad', t('被共享中心退回', 'Refused by the hub')],
  }
  return badge(...marks[state])
}

function endForm({ t, href, formToken }: NodeVisit, { affiliate, sponsorship }: Sponsorship): Html {
  return more(
    t('撤回…', 'Withdraw…'),
    html`<form method="post" action=${href('/sponsorships/end')}>
      ${formToken()}${hiddenField('member', affiliate)}
      ${textField({ name: 'reason', id: `f-end-${sponsorship.slice(0, 12)}`, label: t('理由', 'Reason'), maxLength: 2_000 })}
      ${submitButton(t('撤回担保', 'Withdraw it'), { kind: 'danger' })}
    </form>`,
  )
}
