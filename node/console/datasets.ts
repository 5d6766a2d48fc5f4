import { SHARING } from '#schemas/codes/sharing.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Cause, State } from '#schemas/transitions.ts'
import { datasetFacts, fieldTable, rightsInWords } from '#web/components/dataset-view.ts'
import { hiddenField } from '#web/components/fields.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { table } from '#web/components/table.ts'
import { emptyState, linkButton, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showBytes, showNumber } from '#web/pages/show.ts'
import type { ListedDataset } from '../actions/list-datasets.ts'
import type { WaitingEntry } from '../actions/list-waiting.ts'
import { datasetPath, dueBadge, stateBadge } from './dataset-words.ts'
import { sectionLink } from './nav.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

/** A request for a dataset of ours, as `requests` lists it. */
export interface Asked {
  readonly request: string
  readonly dataset: string
  readonly consumer: string
  readonly state: State
  readonly cause: Cause | null
  readonly purpose?: string
}

/** My datasets: the list, and joint ones that wait for signatures. */
export function datasetsPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/datasets', { roles: 'any' }, (visit) => listPage(visit, deps))
  pages.post('/datasets/cosign', { roles: 'any' }, async (visit, fields) => {
    const { missing } = (await visit.act('cosign', { dataset: fields.get('dataset'), entry: fields.get('entry') })) as {
      missing: readonly string[]
    }
    visit.flash(
      'good',
      missing.length === 0
        ? visit.t('已会签；所有者都已签名，数据集随即公布。', 'Signed; all owners have signed, so it is published.')
        : visit.t('已会签；还等其他所有者签名。', 'Signed; other owners have yet to sign.'),
    )
    return redirect(visit.href('/datasets'))
  })
}

async function listPage(visit: NodeVisit, deps: NodePagesDeps): Promise<Page> {
  const { t, lang, href } = visit
  const [datasets, asked, waiting] = await Promise.all([
    visit.act('datasets') as Promise<ListedDataset[]>,
    visit.act('requests', { incoming: true }) as Promise<Asked[]>,
    joint(visit, deps),
  ])
  const askers = (dataset: string) =>
    new Set(asked.filter((one) => one.dataset === dataset).map(({ consumer }) => consumer)).size
  return {
    title: t('我的数据集', 'My datasets'),
    layout: 'wide',
    beside: linkButton(href('/publish'), t('发布数据', 'Publish data'), 'primary'),
    body: html`
      ${waiting}
      ${table<ListedDataset>({
        caption: t('本单位发布的数据集', 'Datasets published by us'),
        stacked: true,
        rows: datasets,
        empty: emptyState(
          t('还没有发布数据集', 'Nothing is published yet'),
          html`<p>${t('准备好一个 CSV 或 Excel 文件，几分钟就能发布；数据只存在本单位的节点上。', 'A CSV or Excel file is published in a few minutes; the data stay on your own node.')}</p>
          <p>${linkButton(href('/publish'), t('发布第一个数据集', 'Publish the first one'), 'primary')}</p>`,
        ),
        columns: [
          {
            head: t('数据集', 'Dataset'),
            kind: 'row',
            cell: ({ dataset, title }) => html`<a href=${href(datasetPath(dataset))}>${pick(lang, title)}</a>`,
          },
          { head: t('状态', 'State'), cell: (one) => stateBadge(visit, one) },
          { head: t('版本', 'Version'), kind: 'number', cell: ({ version }) => showNumber(lang, version) },
          { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
          { head: t('共享', 'Sharing'), cell: ({ sharing }) => pick(lang, SHARING[sharing as keyof typeof SHARING]) },
          { head: t('下一期', 'Next due'), cell: (one) => dueBadge(visit, one) ?? '—' },
          { head: t('申请单位', 'Asked by'), kind: 'number', cell: ({ dataset }) => showNumber(lang, askers(dataset)) },
        ],
      })}
      ${coOwned(visit, deps)}`,
  }
}

/** What others publish and we own with them: any owner may end it. */
function coOwned({ t, lang, href }: NodeVisit, deps: NodePagesDeps): Html {
  const entries = deps.coOwned()
  if (entries.length === 0) return null
  const title = t('由其他单位牵头、本单位会签过的数据集', 'Led by others and signed by us')
  return section(
    title,
    table<CatalogEntry>({
      caption: title,
      stacked: true,
      rows: entries,
      columns: [
        {
          head: t('数据集', 'Dataset'),
          kind: 'row',
          cell: ({ dataset, meta }) => sectionLink({ href }, `/find/${dataset}`, pick(lang, meta.title)),
        },
        { head: t('牵头单位', 'Led by'), cell: ({ member }) => deps.nameOf(member) },
        { head: t('会签的版本', 'Version signed'), kind: 'number', cell: ({ version }) => showNumber(lang, version) },
        {
          head: t('操作', 'Actions'),
          cell: ({ dataset }) => html`<a href=${href(`/joint/${dataset}/withdraw`)}>${t('撤回…', 'Withdraw…')}</a>`,
        },
      ],
    }),
  )
}

/** What waits for our signature, and what of ours waits for others'. Without the hub nobody knows. */
async function joint(visit: NodeVisit, deps: NodePagesDeps): Promise<Html> {
  const { t, lang, requestId } = visit
  try {
    const entries = await deps.waiting()
    return (
      entries.length > 0 &&
      section(
        t('共有数据集等待会签', 'Joint datasets waiting for signatures'),
        entries.map((one) => jointCard(visit, deps, one)),
      )
    )
  } catch (error) {
    if (!isRefusal(error)) throw error
    return notice('info', {
      title: t('暂时查不到是否有共有数据集等待会签', 'Joint datasets that wait cannot be looked up just now'),
      body: refusalBox(lang, error.problem(requestId)),
    })
  }
}

function jointCard(visit: NodeVisit, deps: NodePagesDeps, { id, entry, missing }: WaitingEntry): Html {
  const { t, lang, href, formToken } = visit
  const { dataset, version, member, meta } = entry
  const ours = missing.includes(deps.member)
  const others = missing.filter((one) => one !== deps.member).map(deps.nameOf)
  return html`<div class="card">
    <h3>${pick(lang, meta.title)} <small>${t(`第 ${version} 版`, `version ${version}`)}</small></h3>
    <p>${t(`由${deps.nameOf(member)}起草。`, `Drawn up by ${deps.nameOf(member)}. `)}${others.length > 0 && t(`还缺${others.join('、')}的签名。`, `Still to sign: ${others.join(', ')}.`)}</p>
    ${rightsInWords(lang, entry)}
    ${more(t('目录信息', 'Catalogue entry'), datasetFacts(lang, entry, { provider: deps.nameOf(member), owners: entry.owners.map(deps.nameOf).join(t('、', ', ')) }))}
    ${entry.fields !== undefined && more(t('信息项', 'Fields'), fieldTable(lang, entry.fields))}
    ${
      ours &&
      html`<form method="post" action=${href('/datasets/cosign')}>
        ${formToken()}${hiddenField('dataset', dataset)}${hiddenField('entry', id)}
        <p>${t('会签表示本单位作为共同所有者，同意按目录所写的条件共享；以后任何一个所有者都可以撤回。', 'By signing you agree, as joint owner, to share it as its entry says; any owner may withdraw it later.')}</p>
        ${submitButton(t('会签', 'Sign'))}
      </form>`
    }
  </div>`
}
