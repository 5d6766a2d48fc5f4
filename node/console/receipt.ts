import { Refusal } from '#schemas/refusal.ts'
import { signedDocument } from '#web/components/signed-document.ts'
import { code, emptyState, facts, linkButton, more, section } from '#web/components/words.ts'
import { attachment } from '#web/pages/attachment.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, raw } from '#web/pages/page.ts'
import { showBytes, showTime } from '#web/pages/show.ts'
import type { Receipt } from '../actions/list-receipts.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { receiptBadge } from './receipts.ts'

/** One receipt: the three documents of a pull, and the proof that others can check. */
export function receiptPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/receipts/:pull', { roles: 'any' }, async (visit) => receiptPage(visit, deps, await find(visit)))
  pages.get('/receipts/:pull/proof', { roles: 'any' }, async (visit) => {
    const [found] = await visit.act<(Receipt & { proofFile: string })[]>('receipts', {
      id: pullOf(visit),
      proofs: true,
    })
    if (found === undefined) throw new Refusal('PULL_UNKNOWN', { pull: pullOf(visit) })
    return raw('application/json', found.proofFile, attachment(`${found.pull}.proof.json`))
  })
}

function pullOf({ params }: NodeVisit): string {
  return params['pull'] ?? ''
}

async function find(visit: NodeVisit): Promise<Receipt> {
  const pull = pullOf(visit)
  const found = (await visit.act<Receipt[]>('receipts')).find((one) => one.pull === pull)
  if (found === undefined) throw new Refusal('PULL_UNKNOWN', { pull })
  return found
}

function receiptPage(visit: NodeVisit, deps: NodePagesDeps, found: Receipt): Page {
  const { t, lang, href } = visit
  const documents = deps.using.pullDocuments(found.pull)
  const title = t(
    `${deps.titleOf(lang, found.dataset)}（第 ${found.version} 版）`,
    `${deps.titleOf(lang, found.dataset)} (version ${found.version})`,
  )
  return {
    title,
    lead: t(
      `${deps.nameOf(found.owner)}交付给${deps.nameOf(found.consumer)}`,
      `${deps.nameOf(found.owner)} to ${deps.nameOf(found.consumer)}`,
    ),
    layout: 'wide',
    beside: receiptBadge(visit, found),
    crumbs: [{ text: t('回执', 'Receipts'), href: href(`/receipts?role=${found.role}`) }, { text: title }],
    body: html`<div class="split right">
      <div class="stack">
        ${section(t('概况', 'At a glance'), glance(visit, deps, found))}
        ${section(
          t('签名文件', 'Documents as signed'),
          documents.length === 0
            ? emptyState(t('还没有', 'None yet'))
            : html`<div class="stack tight">${documents.map((document) => signedDocument(lang, document, { nameOf: deps.nameOf }))}</div>`,
        )}
        ${more(
          t('编号', 'Ids'),
          facts([
            [t('调取', 'Pull'), code(found.pull)],
            [t('协议', 'Agreement'), code(found.agreement)],
            [t('交付回执', 'Delivery'), found.delivery !== null && code(found.delivery)],
            [t('确认回执', 'Acknowledgement'), found.acknowledgement !== null && code(found.acknowledgement)],
          ]),
        )}
      </div>
      <div class="stack">${proofCard(visit, deps, found)}</div>
    </div>`,
  }
}

function glance({ t, lang, href }: NodeVisit, deps: NodePagesDeps, found: Receipt): Html {
  const story = deps.using.stories().find(({ agreement }) => agreement === found.agreement)
  return facts([
    [t('开始', 'Began'), showTime(lang, found.opened)],
    [t('传输的内容', 'Content transferred'), showBytes(lang, found.bytes)],
    [
      t('提供方的交付回执', "Owner's delivery"),
      found.delivery === null ? t('还没有', 'not yet') : t('已签名', 'signed'),
    ],
    [
      t('使用方的确认回执', "Consumer's acknowledgement"),
      found.acknowledgement === null
        ? t('还没有；只有交付回执不能证明对方已收到', 'not yet; a delivery alone does not prove that it arrived')
        : t('已签名', 'signed'),
    ],
    [
      t('依据的协议', 'Under agreement'),
      story !== undefined && html`<a href=${href(`/requests/${story.request}`)}>${t('查看', 'see it')}</a>`,
    ],
    [
      t('取得的文件', 'Files received'),
      found.role === 'consumer' && html`<a href=${href(`/pulls/${found.pull}`)}>${t('打开', 'open')}</a>`,
    ],
  ])
}

function proofCard({ t, href }: NodeVisit, deps: NodePagesDeps, found: Receipt): Html {
  const portal = deps.portal()
  return section(
    t('证明文件', 'Proof file'),
    html`<p>${t('包含协议、调取单、交付回执和确认回执，以及核验它们所需的证书；不含数据本身。', 'Agreement, order, delivery and acknowledgement with the certificates that verify them; no data.')}</p>
    <p>${linkButton(href(`/receipts/${found.pull}/proof`), t('保存证明文件', 'Save the proof file'), 'primary')}</p>
    ${portal !== undefined && html`<p>${t('任何人都可以在共享中心门户的', 'Anybody can check it on the portal, page ')}<a href=${`${portal}${href('/trust')}`}>${t('“信任”页', '“Trust”')}</a>${t('核验它。', '.')}</p>`}`,
    { card: true },
  )
}
