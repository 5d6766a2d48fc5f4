import { fileField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { emptyState, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, type Redirect, redirect } from '#web/pages/page.ts'
import { showAgo, showBytes } from '#web/pages/show.ts'
import type { Draft } from '../store/drafts.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { lookThen } from './publish-look.ts'
import { nameDraft, stepButtons, stepPage, stepPath } from './publish-steps.ts'

/** Drafts, and step 1: which files. */
export function publishPages(pages: NodePages, deps: NodePagesDeps): void {
  const { drafting } = deps
  pages.get('/publish', { roles: 'any' }, (visit) => draftsPage(visit, deps))
  pages.post('/publish', { roles: 'any', multipart: true }, async (visit, fields) => {
    const files = visit.filesOf(fields, 'files')
    if (files.length === 0) return askForFile(visit, '/publish')
    const draft = drafting.begin(visit.visitor.name, null)
    return lookThen(visit, deps, await drafting.addFiles(draft.id, files), 'table')
  })
  pages.get('/publish/:draft/files', { roles: 'any' }, (visit) => filesPage(visit, draftOf(visit, deps)))
  pages.post('/publish/:draft/files', { roles: 'any', multipart: true }, async (visit, fields) => {
    const draft = draftOf(visit, deps)
    const files = visit.filesOf(fields, 'files')
    if (files.length > 0) return lookThen(visit, deps, await drafting.addFiles(draft.id, files), 'table')
    if (fields.checked('later')) return redirect(visit.href('/publish'))
    if (draft.files.length > 0) return redirect(visit.href(stepPath(draft, 'table')))
    // Who revises may leave the files as they are.
    return draft.dataset === null
      ? askForFile(visit, stepPath(draft, 'files'))
      : redirect(visit.href(stepPath(draft, 'about')))
  })
  pages.post('/publish/:draft/remove', { roles: 'any' }, async (visit, fields) => {
    const draft = await drafting.removeFile(visit.params['draft'] ?? '', fields.get('file'))
    return redirect(visit.href(stepPath(draft, 'files')))
  })
  pages.post('/publish/:draft/discard', { roles: 'any' }, async (visit) => {
    const draft = draftOf(visit, deps)
    await drafting.discard(draft.id)
    visit.flash(
      'info',
      visit.t(`草稿“${nameDraft(visit, draft)}”已删除。`, `The draft "${nameDraft(visit, draft)}" is gone.`),
    )
    return redirect(visit.href('/publish'))
  })
}

function askForFile(visit: NodeVisit, path: string): Redirect {
  visit.flash('warn', visit.t('请先选择文件。', 'Choose a file first.'))
  return redirect(visit.href(path))
}

export function draftOf(visit: NodeVisit, { drafts }: NodePagesDeps): Draft {
  return drafts.get(visit.params['draft'] ?? '')
}

function draftsPage(visit: NodeVisit, { drafts }: NodePagesDeps): Page {
  const { t, href, formToken } = visit
  return {
    title: t('发布数据', 'Publish data'),
    lead: t(
      '选一个文件开始。随时可以停下，已填的内容会保存为草稿。',
      'Begin with a file. Stop whenever you like: what you typed is kept as a draft.',
    ),
    scripts: ['drop.js'],
    body: html`
      <form class="card" method="post" enctype="multipart/form-data" action=${href('/publish')}>
        ${formToken()}
        ${chooser(visit)}
        ${submitButton(t('上传并检查', 'Hand in and check'))}
      </form>
      ${section(t('没完成的草稿', 'Unfinished drafts'), draftTable(visit, drafts.list()))}`,
  }
}

function chooser({ t }: NodeVisit): Html {
  return fileField({
    name: 'files',
    label: t('数据文件', 'Data files'),
    hint: t(
      'CSV（UTF-8 或 GBK）、Excel、JSON、Parquet，也可以是 PDF 等其他文件；可以一次选几个。文件只交到本单位的节点上。',
      'CSV (UTF-8 or GBK), Excel, JSON, Parquet, or any other; several at once. They go to your own node and nowhere else.',
    ),
    multiple: true,
    drop: 'many',
  })
}

function draftTable(visit: NodeVisit, drafts: readonly Draft[]): Html {
  const { t, lang, href, formToken, now } = visit
  return table<Draft>({
    caption: t('没完成的草稿', 'Unfinished drafts'),
    rows: drafts,
    stacked: true,
    empty: emptyState(
      t('没有草稿', 'No drafts'),
      t(
        '做到一半停下的发布会留在这里，重启也不会丢。',
        'Publications that you stop half way stay here, also over a restart.',
      ),
    ),
    columns: [
      {
        head: t('名称', 'Name'),
        kind: 'row',
        cell: (draft) => html`<a href=${href(stepPath(draft, resumeAt(draft)))}>${nameDraft(visit, draft)}</a>`,
      },
      {
        head: t('种类', 'Kind'),
        cell: ({ dataset }) => (dataset === null ? t('新数据集', 'New dataset') : t('新版本', 'New version')),
      },
      { head: t('文件', 'Files'), kind: 'number', cell: ({ files }) => String(files.length) },
      {
        head: t('最近修改', 'Changed'),
        cell: ({ changed, by }) =>
          t(`${showAgo(lang, changed, now)}，${by} 建立`, `${showAgo(lang, changed, now)}, begun by ${by}`),
      },
      {
        head: t('操作', 'Actions'),
        cell: (draft) =>
          html`<form method="post" action=${href(`/publish/${draft.id}/discard`)}>${formToken()}${submitButton(t('删除', 'Delete'), { kind: 'quiet' })}</form>`,
      },
    ],
  })
}

/** Where to go on with a draft: the first step that lacks something. */
function resumeAt({ files, form, dataset }: Draft) {
  if (files.length === 0 && dataset === null) return 'files'
  if (form['titleZh'] === undefined) return 'table'
  return form['sharing'] === undefined ? 'about' : 'preview'
}

function filesPage(visit: NodeVisit, draft: Draft): Page {
  const { t, href, formToken } = visit
  const isRevision = draft.dataset !== null
  return stepPage(visit, draft, 'files', {
    title: isRevision ? t('新版本的文件', 'Files of the new version') : t('选择文件', 'Files'),
    lead: isRevision
      ? t(
          '换上新一期的文件即可，其余内容已按上一版填好。只改目录信息就不用选文件。',
          'Hand in the new files; all else is filled in as it was. To change the description alone, choose none.',
        )
      : undefined,
    scripts: ['drop.js'],
    body: html`
      ${draft.files.length > 0 && fileList(visit, draft)}
      <form class="card" method="post" enctype="multipart/form-data" action=${href(stepPath(draft, 'files'))}>
        ${formToken()}
        ${chooser(visit)}
        ${stepButtons(visit, draft, 'files', t('上传，下一步', 'Hand in and go on'))}
      </form>`,
  })
}

function fileList({ t, lang, href, formToken }: NodeVisit, draft: Draft): Html {
  return table({
    caption: t('已有的文件', 'Files so far'),
    rows: draft.files,
    columns: [
      { head: t('文件名', 'Name'), kind: 'row', cell: ({ name }) => name },
      { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
      {
        head: t('操作', 'Actions'),
        cell: ({ stored }) => html`<form method="post" action=${href(`/publish/${draft.id}/remove`)}>
          ${formToken()}<input type="hidden" name="file" value=${stored} />${submitButton(t('去掉', 'Leave out'), { kind: 'quiet' })}
        </form>`,
      },
    ],
  })
}
