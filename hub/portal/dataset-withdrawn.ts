import type { CatalogEntry, Payload } from '#schemas/kinds.ts'
import { facts, linkButton, notice } from '#web/components/words.ts'
import { html } from '#web/pages/html.ts'
import { langOf, pick } from '#web/pages/language.ts'
import type { Page } from '#web/pages/page.ts'
import { showDay, showTime } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'

/** What stays of a withdrawn dataset: that it was, whose it was, when and why it went. 410. */
export function withdrawnPage(
  { t, lang, href }: Visit,
  { tombstone, last }: { readonly tombstone: Payload<'tombstone'>; readonly last: CatalogEntry | undefined },
  nameOf: (member: string) => string,
): Page {
  const { dataset, member, reason, iat } = tombstone
  const owner = dataset.slice(0, 18)
  return {
    title: last === undefined ? dataset : pick(lang, last.meta.title),
    titleLang: last && langOf(lang, last.meta.title),
    status: 410,
    layout: 'text',
    hidden: true,
    crumbs: [
      { text: t('首页', 'Home'), href: href('/') },
      { text: t('数据目录', 'Catalogue'), href: href('/datasets') },
      { text: t('已撤回的数据集', 'Withdrawn dataset') },
    ],
    feeds: [
      {
        href: href(`/datasets/${dataset}/feed.atom`),
        title: t('本数据集的更新', 'News of this dataset'),
        type: 'application/atom+xml',
      },
    ],
    body: html`
      ${notice('warn', { title: t('这个数据集已由提供方撤回', 'The provider has withdrawn this dataset'), body: t('不再接受申请，已有的协议不能再调取。', 'No requests are taken any more, and agreements on it pull no longer.') })}
      ${facts([
        [t('撤回原因', 'Reason'), reason],
        [t('撤回时间', 'Withdrawn'), showTime(lang, iat)],
        [t('撤回单位', 'Withdrawn by'), nameOf(member)],
        [t('提供方', 'Provider'), html`<a href=${href(`/members/${owner}`)}>${nameOf(owner)}</a>`],
        [t('首次发布', 'First published'), last && showDay(lang, last.issued)],
        [t('最后版本', 'Last version'), last && t(`第 ${last.version} 版`, `Version ${last.version}`)],
        [t('数据集编号', 'Dataset id'), html`<code class="hash">${dataset}</code>`],
      ])}
      <div class="cluster">
        ${linkButton(href(`/datasets?member=${owner}`), t('该单位的其他数据集', 'Other datasets of this provider'), 'primary')}
        ${linkButton(href('/datasets'), t('数据目录', 'Catalogue'))}
      </div>
    `,
  }
}
