import { Refusal } from '#schemas/refusal.ts'
import { textField } from '#web/components/fields.ts'
import { linkButton, notice, submitButton } from '#web/components/words.ts'
import type { FailedForm } from '#web/console/console-visit.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { datasetPath } from './dataset-words.ts'
import type { Asked } from './datasets.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

/** A dataset that we may withdraw: its title, where its form lies, and where one goes from there. */
interface Withdrawable {
  readonly dataset: string
  readonly title: string
  readonly path: string
  readonly back: string
}

/** Withdrawing: a dataset of ours, or one that another owner publishes for all owners. */
export function withdrawPages(pages: NodePages, deps: NodePagesDeps): void {
  const kinds = [
    ['/datasets/:slug/withdraw', findOurs],
    ['/joint/:member/:slug/withdraw', findJoint],
  ] as const
  for (const [path, find] of kinds) {
    pages.get(path, { roles: 'any' }, (visit) => withdrawPage(visit, deps, find(visit, deps)))
    const again = (visit: NodeVisit, failed: FailedForm) => withdrawPage(visit, deps, find(visit, deps), failed)
    pages.post(path, { roles: 'any', again }, async (visit, fields) => {
      const one = find(visit, deps)
      await visit.act('withdraw', { dataset: one.dataset, reason: fields.get('reason') })
      visit.flash('good', visit.t('数据集已撤回。', 'The dataset has been withdrawn.'))
      return redirect(visit.href(one.back))
    })
  }
}

function findOurs({ params, lang }: NodeVisit, { member, datasets, titleOf }: NodePagesDeps): Withdrawable {
  const dataset = `${member}/${params['slug'] ?? ''}`
  if (datasets.last(dataset) === undefined) throw new Refusal('NOT_FOUND', { dataset })
  const path = datasetPath(dataset)
  return { dataset, title: titleOf(lang, dataset), path: `${path}/withdraw`, back: path }
}

function findJoint({ params, lang }: NodeVisit, { coOwned }: NodePagesDeps): Withdrawable {
  const dataset = `${params['member'] ?? ''}/${params['slug'] ?? ''}`
  const entry = coOwned().find((one) => one.dataset === dataset)
  if (entry === undefined) throw new Refusal('NOT_FOUND', { dataset })
  return { dataset, title: pick(lang, entry.meta.title), path: `/joint/${dataset}/withdraw`, back: '/datasets' }
}

async function withdrawPage(
  visit: NodeVisit,
  deps: NodePagesDeps,
  { dataset, title, path, back }: Withdrawable,
  failed?: FailedForm,
): Promise<Page> {
  const { t, href, formToken } = visit
  const asked = (await visit.act('requests', { incoming: true })) as Asked[]
  const running = asked
    .filter((one) => one.dataset === dataset && one.state === 'FINALIZED')
    .map(({ consumer }) => deps.nameOf(consumer))
  return {
    title: t(`撤回“${title}”`, `Withdraw "${title}"`),
    layout: 'text',
    crumbs: [
      { text: t('我的数据集', 'My datasets'), href: href('/datasets') },
      ...(back === '/datasets' ? [] : [{ text: title, href: href(back) }]),
      { text: t('撤回', 'Withdraw') },
    ],
    body: html`
      ${failed?.box}
      ${notice('warn', { title: t('撤回以后', 'Once withdrawn'), body: consequences(visit, dataset.startsWith(`${deps.member}/`), running) })}
      <form method="post" action=${href(path)}>
        ${formToken()}
        ${textField({ name: 'reason', label: t('理由（公开显示）', 'Reason (shown publicly)'), required: true, lines: 3, maxLength: 2000, value: failed?.fields.get('reason'), error: failed?.errorAt('reason') })}
        <div class="cluster">
          ${submitButton(t('确认撤回', 'Withdraw it'), { kind: 'danger' })}
          ${linkButton(href(back), t('不撤回', 'Keep it'), 'quiet')}
        </div>
      </form>`,
  }
}

function consequences({ t }: NodeVisit, isOurs: boolean, running: readonly string[]): Html {
  return html`<ul>
    <li>${
      isOurs
        ? t(
            '立即停止提供：本节点不再接受对它的调取，正在进行的也会中断。',
            'It is served no more, at once: transfers under way are cut.',
          )
        : t(
            '对所有所有者生效：发布它的单位得知后即停止提供。',
            'It holds for all owners: whoever publishes it stops serving it as soon as they hear.',
          )
    }</li>
    <li>${running.length > 0 ? t(`正在使用它的 ${running.length} 家单位将不能再取：${running.join('、')}。`, `${running.length} organisation(s) in the midst of using it can pull no more: ${running.join(', ')}.`) : t('目前没有单位持有它的有效协议。', 'Nobody holds a running agreement on it now.')}</li>
    <li>${t('已经取走的数据、签名和回执都不会消失，仍可核验。', 'What was pulled, signed and receipted stays and can still be verified.')}</li>
    <li>${t('目录中改为显示“已撤回”和您写的理由。', 'The catalogue says that it was withdrawn, and your reason.')}</li>
    <li>${t('以后可以用同一短名重新发布，但已有的协议不会恢复。', 'It may be published again under the same short name; agreements do not come back.')}</li>
  </ul>`
}
