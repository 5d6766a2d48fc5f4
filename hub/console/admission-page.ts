import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { timeline } from '#web/components/navigation.ts'
import { signedDocument } from '#web/components/signed-document.ts'
import { badge, code, facts, notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showTime } from '#web/pages/show.ts'
import { CERTIFICATE_USES, STANDING_WORDS } from '#web/texts/member-words.ts'
import type { ShownAdmission } from '../actions/show-member.ts'
import { decisionForm } from './decision-form.ts'
import { type Failed, holds, type OperatorGroup, type OperatorVisit } from './operator-pages.ts'

const STATES = {
  waiting: { zh: '待确认', en: 'Waits', tone: 'warn' },
  approved: { zh: '已确认', en: 'Confirmed', tone: 'good' },
  refused: { zh: '已拒绝', en: 'Refused', tone: 'bad' },
} as const

/** 接入: who came in with a code, and whether that was they. */
export const admissionPages: OperatorGroup = (site) => {
  site.get('/admissions/:id', { roles: 'any' }, (visit) => admissionPage(visit, undefined))
  site.post(
    '/admissions/:id',
    { roles: ['registrar'], again: (visit, failed) => admissionPage(visit, failed) },
    async (visit, fields) => {
      const decision = fields.get('decision') === 'approve' ? 'approve' : 'refuse'
      await visit.act(decision, { id: visit.params['id'], reason: fields.get('reason') })
      visit.flash(
        'good',
        decision === 'approve'
          ? visit.t('已确认接入。', 'The admission is confirmed.')
          : visit.t('已拒绝接入，证书已吊销。', 'The admission is refused and its certificates are revoked.'),
      )
      return redirect(visit.href('/'))
    },
  )
}

async function admissionPage(visit: OperatorVisit, failed: Failed): Promise<Page> {
  const { t, lang, href } = visit
  const found = await visit.act<ShownAdmission>('admission-show', { id: visit.params['id'] })
  const { member, state, documents } = found
  const { zh, en, tone } = STATES[state]
  return {
    title: t(`接入：${member.name}`, `Admission of ${member.name}`),
    beside: badge(tone, t(zh, en)),
    crumbs: [{ text: t('待办', 'Queue'), href: href('/') }, { text: t('接入', 'Admission') }],
    body: html`${failed?.box}<div class="split right">
      <div class="stack">
        ${section(t('单位', 'Organisation'), memberFacts(visit, found))}
        ${section(t('请核对指纹', 'Compare the fingerprint'), fingerprint(visit, found))}
        ${section(
          t('签名文件', 'Documents as signed'),
          html`<div class="stack tight">${documents.map((document) =>
            signedDocument(lang, document, { nameOf: (id) => (id === member.id ? member.name : id) }),
          )}</div>`,
        )}
      </div>
      <div class="stack">
        ${state === 'waiting' && decide(visit, found, failed)}
        ${section(t('经过', 'History'), history(visit, found))}
      </div>
    </div>`,
  }
}

function memberFacts({ t, lang, href }: OperatorVisit, { member, operator, earlier }: ShownAdmission): Html {
  const { zh, en, tone } = STANDING_WORDS[member.state]
  return facts([
    [t('名称', 'Name'), html`<a href=${href(`/members/${member.id}`)}>${member.name}</a>`],
    [t('统一社会信用代码', 'Credit code'), member.id],
    [t('类别', 'Class'), pick(lang, MEMBER_CLASS_LABELS[member.class])],
    [t('资格', 'Standing'), badge(tone, t(zh, en))],
    [t('节点地址', 'Endpoint'), member.endpoint ?? t('不对外提供数据', 'provides no data')],
    [t('接入码签发人', 'Code made by'), operator],
    [
      t('此前接入', 'Earlier'),
      earlier > 0 && t(`该单位此前有 ${earlier} 组证书`, `${earlier} earlier pairs of certificates`),
    ],
  ])
}

/** Groups of four: read out over the telephone. */
function fingerprint({ t, lang }: OperatorVisit, { pair }: ShownAdmission): Html {
  const signing = pair.certificates.find(({ use }) => use === 'signing')
  return html`
    <p>${t('请通过电话等另一渠道，与该单位核对签名证书的指纹。一致才能确认。', 'Compare the fingerprint of the signing certificate with the organisation by telephone or another way. Confirm only if they agree.')}</p>
    <p class="fingerprint">${(signing?.thumbprint ?? '').match(/.{4}/g)?.map((four) => html`<span>${four}</span>`)}</p>
    ${facts(
      pair.certificates.map(({ use, thumbprint, until }) => [
        t(`${CERTIFICATE_USES[use].zh}证书`, `${CERTIFICATE_USES[use].en}`),
        html`${t('有效期至 ', 'until ')}${showTime(lang, until)}${use === 'tls' && html`<div class="small">${code(thumbprint)}</div>`}`,
      ]),
    )}
  `
}

function decide(visit: OperatorVisit, { id }: ShownAdmission, failed: Failed): Html {
  const { t } = visit
  if (!holds(visit, 'registrar'))
    return notice('info', {
      title: t('等待登记员办理', 'A registrar decides'),
      body: t('您可以查看，不能办理。', 'You may look, not decide.'),
    })
  return section(
    t('办理', 'Decide'),
    decisionForm(visit, {
      action: `/admissions/${id}`,
      failed,
      hint: t(
        '拒绝时必填。拒绝会吊销这组证书；确认之前节点已经可以工作。',
        'Required to refuse. Refusing revokes these certificates; the node works until then.',
      ),
      choices: [
        { value: 'approve', text: t('指纹一致，确认接入', 'Fingerprints agree: confirm'), kind: 'primary' },
        { value: 'refuse', text: t('拒绝并吊销证书', 'Refuse and revoke'), kind: 'danger' },
      ],
    }),
    { card: true },
  )
}

function history({ t, lang }: OperatorVisit, found: ShownAdmission): Html {
  const decision = found.documents.find(({ kind }) => kind === 'decision')
  const { by = [], outcome = '' } = (decision?.payload ?? {}) as {
    by?: { operator: string; at: string; reason: string }[]
    outcome?: string
  }
  return timeline(t('经过', 'History'), [
    { when: '', what: t('签发接入码', 'Code made'), who: found.operator },
    {
      when: showTime(lang, found.since),
      what: t('用接入码接入', 'Enrolled with the code'),
      who: found.member.name,
      tone: 'info',
    },
    ...by.map(({ operator, at, reason }) => ({
      when: showTime(lang, at),
      what: outcome === 'approved' ? t('确认接入', 'Confirmed') : t('拒绝接入', 'Refused'),
      who: operator,
      tone: outcome === 'approved' ? ('good' as const) : ('bad' as const),
      ...(reason === '' ? {} : { note: reason }),
    })),
    ...(by.length === 0 ? [{ when: '', what: t('等待登记员确认', 'Waits for a registrar'), open: true }] : []),
  ])
}
