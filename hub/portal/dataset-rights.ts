import type { CatalogEntry } from '#schemas/kinds.ts'
import { copyable } from '#web/components/copyable.ts'
import { rightsInWords } from '#web/components/dataset-view.ts'
import { section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Visit } from '#web/pages/visit.ts'

/** Who may have the data, what they take on, and how to ask for them: by console, and by command. `served`: the provider is in good standing. */
export function rightsSection(visit: Visit, entry: CatalogEntry, served: boolean): Html {
  const { t, lang } = visit
  const { sharing } = entry.meta
  return section(
    t('权利与申请', 'Rights and how to apply'),
    html`<div class="stack">
      ${rightsInWords(lang, entry)}
      ${duties(visit, entry)}
      ${!served && html`<p>${t('提供方现在不能提供数据，因此不能申请。', 'The provider cannot serve data now, so there is no applying.')}</p>`}
      ${served && sharing === 'none' && html`<p>${t('如确有需要，请直接与责任单位联系。', 'If you need them all the same, contact the responsible unit.')}</p>`}
      ${served && sharing !== 'none' && howToApply(visit, entry)}
    </div>`,
    { id: 'apply' },
  )
}

/** What every agreement says (its policy), and what this dataset adds. */
function duties({ t }: Visit, { meta }: CatalogEntry): Html {
  const said = [
    t(
      '只用于申请中写明的用途，在约定的期限和次数内调取。',
      'Use for the purpose stated in the request, within the agreed term and number of pulls.',
    ),
    t(
      '使用时注明数据来源；对数据保密，不转给第三方。',
      'Name the source wherever the data are used; keep them confidential and do not pass them on.',
    ),
    meta.permit !== undefined &&
      t(
        `依据调查许可（${meta.permit.number}）采集，许可有效期至 ${meta.permit.until}，过期后不再提供。`,
        `Collected under survey permit ${meta.permit.number}, valid until ${meta.permit.until}; not provided after that.`,
      ),
    t('每次调取由双方签署回执，存证备查。', 'Both sides sign a receipt for every pull.'),
  ]
  return html`<ul>${said.filter((one) => one !== false).map((one) => html`<li>${one}</li>`)}</ul>`
}

function howToApply({ t, href }: Visit, { dataset, meta }: CatalogEntry): Html {
  const waits = meta.sharing === 'conditional'
  return html`<div class="stack apply">
    <div>
      <h3>${t('在工作台申请', 'In your console')}</h3>
      <ol>
        <li>${t('在本单位接入节点的工作台打开“查找数据”，搜索本数据集的名称。', 'Open “Find data” in the console of your own node and search for this title.')}</li>
        <li>${t('点“申请”，写明用途和使用期限，确认条款后签名提交。', 'Choose “Apply”, state purpose and term, accept the terms and sign.')}</li>
        <li>${
          waits
            ? t(
                '等待提供方同意和共享中心审批；进度显示在“我的申请”。',
                'Wait for the consent of the provider and the approval of the hub; “My requests” shows how far it is.',
              )
            : t('协议当即生效，可以马上调取。', 'The agreement is in force at once, and you can pull.')
        }</li>
      </ol>
    </div>
    <div>
      <h3>${t('用命令申请', 'On the command line')}</h3>
      ${copyable(`hanghui node request ${dataset} --purpose "${t('用途', 'your purpose')}"`, t('复制', 'Copy'), { line: true })}
      <p class="small quiet-text">${t('协议生效后调取：', 'Once the agreement is in force:')}</p>
      ${copyable(`hanghui node pull ${dataset} -o ${t('目录', 'FOLDER')}`, t('复制', 'Copy'), { line: true })}
    </div>
    <p class="small">${t('还不是成员？见', 'Not a member yet? See ')}<a href=${href('/guides')}>${t('办事指南', 'the guides')}</a>${t('。', '.')}</p>
  </div>`
}
