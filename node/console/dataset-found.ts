import { SHARING } from '#schemas/codes/sharing.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { datasetFacts, fieldTable, fileTable, rightsInWords } from '#web/components/dataset-view.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { sampleChart, sampleTable } from '#web/components/sample-table.ts'
import { table } from '#web/components/table.ts'
import { badge, code, emptyState, linkButton, more, notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Answer, type Page, redirect } from '#web/pages/page.ts'
import { showDay, showEnd } from '#web/pages/show.ts'
import { dueOf, sayDue } from '#web/texts/due-words.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import { SHARING_TONES } from '#web/texts/tones.ts'
import type { ListedPull } from '../actions/list-pulls.ts'
import type { Story } from '../store/stories.ts'
import { caseBadge } from './case-words.ts'
import { datasetPath } from './dataset-words.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

/** A dataset of somebody else: what its signed entry says, our cases about it, what of it is here. */
export function foundPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/find/:member/:slug', { roles: 'any' }, async (visit) => {
    const dataset = datasetAsked(visit)
    return dataset.startsWith(`${deps.member}/`)
      ? redirect(visit.href(datasetPath(dataset)))
      : foundPage(visit, deps, dataset)
  })
}

/** The dataset that the address names. */
export function datasetAsked({ params }: NodeVisit): string {
  return `${params['member'] ?? ''}/${params['slug'] ?? ''}`
}

/** An entry with why it may not be the newest. */
export interface AskedEntry {
  readonly entry: CatalogEntry
  readonly stale: Html
}

/** The newest entry, its owner's signature verified; the last one known where the hub is away. */
export async function findEntry(visit: NodeVisit, deps: NodePagesDeps, dataset: string): Promise<AskedEntry> {
  const { t } = visit
  try {
    const { payload, missing } = await deps.using.entries.fetchNewest(dataset)
    const names = missing.map(deps.nameOf).join(t('、', ', '))
    return {
      entry: payload,
      stale:
        missing.length > 0 && notice('warn', { title: t(`还缺 ${names} 的会签`, `Still to be signed by ${names}`) }),
    }
  } catch (error) {
    const known = deps.using.entries.ofDataset(dataset)
    if (!isRefusal(error) || known === undefined) throw error
    return {
      entry: known,
      stale: html`${refusalBox(visit.lang, error.problem(visit.requestId))}<p>${t('下面是本节点上次取得的目录条目。', 'Below is the entry as this node last saw it.')}</p>`,
    }
  }
}

/** A provider that is suspended or revoked, in its own words; its data can neither be asked for nor pulled. */
export function providerNotice({ t, href }: NodeVisit, deps: NodePagesDeps, dataset: string): Html {
  const provider = dataset.slice(0, 18)
  const standing = deps.standingOf(provider)
  const { zh, en } = STANDING_WORDS[standing]
  return (
    standing !== 'good' &&
    notice('bad', {
      title: t(
        `提供方${deps.nameOf(provider)}的成员资格${zh}`,
        `The membership of ${deps.nameOf(provider)}, which provides it, is ${en.toLowerCase()}`,
      ),
      body: html`<p>${t('它的数据现在不能申请，也不能调取；已经取得的数据仍在本节点。', 'Its data can neither be asked for nor pulled now; what was pulled is still here.')}</p>
        <p><a href=${href(`/members?q=${provider}`)}>${t('查看成员', 'See the member')}</a></p>`,
    })
  )
}

/** Without an entry at hand that could be verified: whose standing keeps it away. */
function providerGonePage(visit: NodeVisit, deps: NodePagesDeps, dataset: string): Page {
  const { t, lang, href } = visit
  const title = deps.titleOf(lang, dataset)
  return {
    title,
    lead: deps.nameOf(dataset.slice(0, 18)),
    crumbs: [{ text: t('查找数据', 'Find data'), href: href('/find') }, { text: title }],
    body: html`${providerNotice(visit, deps, dataset)}${linkButton(href('/find'), t('查找其他数据', 'Find other data'), 'primary')}`,
  }
}

async function foundPage(visit: NodeVisit, deps: NodePagesDeps, dataset: string): Promise<Answer> {
  const { t, lang, href, now } = visit
  const isGood = deps.standingOf(dataset.slice(0, 18)) === 'good'
  if (!isGood && deps.using.entries.ofDataset(dataset) === undefined) return providerGonePage(visit, deps, dataset)
  const { entry, stale } = await findEntry(visit, deps, dataset)
  const { meta, sample } = entry
  const cases = deps.using.stories().filter((one) => one.dataset === dataset && one.consumer === deps.member)
  const pulls = await visit.act<ListedPull[]>('pulls', { dataset })
  const due = dueOf(meta.periodicity, meta.period?.to, now)
  const title = pick(lang, meta.title)
  const portal = deps.portal()
  return {
    title,
    lead: entry.owners.map(deps.nameOf).join(t('、', ', ')),
    layout: 'wide',
    beside: html`${badge(SHARING_TONES[meta.sharing] ?? 'quiet', pick(lang, SHARING[meta.sharing]))}${firstButton(visit, deps, entry, cases)}`,
    crumbs: [{ text: t('查找数据', 'Find data'), href: href('/find') }, { text: title }],
    body: html`${isGood ? stale : providerNotice(visit, deps, dataset)}
      <div class="split right">
        <div class="stack">
          ${meta.description !== undefined && html`<p>${pick(lang, meta.description)}</p>`}
          ${section(t('目录信息', 'Catalogue entry'), datasetFacts(lang, entry, { provider: deps.nameOf(entry.member), owners: entry.owners.map(deps.nameOf).join(t('、', ', ')) }))}
          ${section(t('信息项', 'Fields'), fieldTable(lang, entry.fields ?? []))}
          ${sample !== undefined && section(t('公开样例', 'Public sample'), html`<div class="stack">${await sampleChart(lang, sample)}${sampleTable(lang, sample)}</div>`)}
          ${section(t('文件', 'Files'), fileTable(lang, entry.files))}
          ${more(t('编号', 'Ids'), code(dataset))}
        </div>
        <div class="stack">
          ${section(t('怎样取得', 'How to get it'), html`${rightsInWords(lang, entry)}${applying(visit, deps, entry, cases)}`, { card: true })}
          ${section(t('本单位的申请', 'Our requests'), caseTable(visit, cases))}
          ${section(
            t('版本', 'Version'),
            html`<p>${t(`最新第 ${entry.version} 版，${showDay(lang, entry.modified)} 发布。`, `The newest is version ${entry.version} of ${showDay(lang, entry.modified)}. `)}</p>
            ${due !== undefined && html`<p>${t('下一期：', 'Next period: ')}${sayDue(lang, due)}</p>`}
            ${received(visit, pulls)}`,
          )}
          ${portal !== undefined && html`<p><a href=${`${portal}${href(`/datasets/${dataset}`)}`}>${t('在门户上查看', 'See it on the portal')}</a></p>`}
        </div>
      </div>`,
  }
}

/** May we ask for it at all? */
function mayAsk(deps: NodePagesDeps, { meta, owners }: CatalogEntry): boolean {
  return (
    meta.sharing !== 'none' && !owners.includes(deps.member) && meta.audience.includes(deps.membership().memberClass)
  )
}

/** What most come here for, beside the title: to pull what may be pulled, else to apply. */
function firstButton({ t, href }: NodeVisit, deps: NodePagesDeps, entry: CatalogEntry, cases: readonly Story[]): Html {
  const running = cases.findLast(({ state }) => state === 'FINALIZED')
  if (deps.using.entries.isWithdrawn(entry.dataset) || deps.standingOf(entry.member) !== 'good') return null
  if (running !== undefined)
    return linkButton(href(`/pulls?agreement=${running.agreement}`), t('去调取', 'Pull the data'), 'primary')
  return (
    mayAsk(deps, entry) &&
    cases.every(({ state }) => state === 'TERMINATED') &&
    linkButton(href(`/find/${entry.dataset}/apply`), t('申请', 'Apply'), 'primary')
  )
}

function applying(
  { t, lang, href }: NodeVisit,
  deps: NodePagesDeps,
  entry: CatalogEntry,
  cases: readonly Story[],
): Html {
  const { meta, dataset, owners } = entry
  if (owners.includes(deps.member))
    return html`<p>${t('本单位是所有者之一，不用申请。', 'We are one of its owners and need not ask.')}</p>`
  if (meta.sharing === 'none' || deps.standingOf(entry.member) !== 'good') return null
  if (!mayAsk(deps, entry))
    return notice('warn', { title: t('本单位的类别不在可申请之列', 'Organisations of our class may not ask for it') })
  const open = cases.findLast(({ state }) => state !== 'TERMINATED')
  if (open === undefined) return null
  return html`
    ${open.state === 'FINALIZED' && html`<p>${t(`已有有效协议，至 ${showEnd(lang, open.until)}。`, `An agreement is in force until ${showEnd(lang, open.until)}.`)}</p>`}
    <p><a href=${href(`/find/${dataset}/apply`)}>${t('用途或期限不同？再申请一份', 'For another purpose or term, apply once more')}</a></p>`
}

function caseTable(visit: NodeVisit, cases: readonly Story[]): Html {
  const { t, lang, href } = visit
  return table<Story>({
    caption: t('本单位的申请', 'Our requests'),
    rows: cases.toReversed(),
    empty: emptyState(t('还没有申请过', 'Not asked for yet')),
    columns: [
      {
        head: t('期限', 'Until'),
        kind: 'row',
        cell: ({ request, until }) =>
          html`<a href=${href(`/requests/${request}`)}>${t('至 ', 'until ')}${showEnd(lang, until)}</a>`,
      },
      { head: t('状态', 'State'), cell: (one) => caseBadge(visit, one) },
    ],
  })
}

function received({ t, href }: NodeVisit, pulls: readonly ListedPull[]): Html {
  const here = pulls.filter(({ stage }) => stage === 'done' || stage === 'confirming')
  if (here.length === 0)
    return html`<p class="quiet-text">${t('本节点还没有取过。', 'Nothing of it has been pulled here yet.')}</p>`
  return html`<ul class="bare-list">${here.map(
    ({ pull, version }) =>
      html`<li><a href=${href(`/pulls/${pull}`)}>${t(`打开已取的第 ${version} 版`, `Open version ${version}`)}</a></li>`,
  )}</ul>`
}
