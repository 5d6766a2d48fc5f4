import type { Problem } from '#schemas/refusal.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { notice, section, submitButton } from '#web/components/words.ts'
import type { Fields } from '#web/pages/forms.ts'
import { html } from '#web/pages/html.ts'
import { type Page, type Redirect, redirect } from '#web/pages/page.ts'
import { checkForm, type FieldProblem, type Form } from '../actions/draft-meta.ts'
import type { FieldEdit } from '../actions/prepare-draft.ts'
import { previewDraft, sampleOf } from '../actions/preview-draft.ts'
import type { Published } from '../actions/publish-version.ts'
import type { Draft } from '../store/drafts.ts'
import type { Reading } from '../tables/reading.ts'
import { datasetPath } from './dataset-words.ts'
import { FIELD_KINDS } from './field-kinds.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { draftOf } from './publish.ts'
import { aboutFields } from './publish-about.ts'
import { obstacleList, previewBody } from './publish-preview.ts'
import { rightsFields } from './publish-rights.ts'
import {
  ABOUT_FIELDS,
  findObstacles,
  nameDraft,
  RIGHTS_FIELDS,
  type Step,
  stepButtons,
  stepPage,
  stepPath,
} from './publish-steps.ts'
import { delimiterNamed, tableBody } from './publish-table.ts'

/** Steps 2 to 6 of publishing. Each post keeps what was typed before it says what is wrong. */
export function publishStepPages(pages: NodePages, deps: NodePagesDeps): void {
  tablePages(pages, deps)
  formPages(pages, deps, 'about', ABOUT_FIELDS, 'rights')
  formPages(pages, deps, 'rights', RIGHTS_FIELDS, 'preview')
  pages.get('/publish/:draft/preview', { roles: 'any' }, (visit) => previewPage(visit, deps))
  pages.get('/publish/:draft/sign', { roles: 'any' }, (visit) => signPage(visit, deps))
  pages.post('/publish/:draft/sign', { roles: 'any' }, (visit) => {
    const draft = draftOf(visit, deps)
    if (findObstacles(visit, deps, draft).length > 0) return redirect(visit.href(stepPath(draft, 'preview')))
    return visit.begin(
      'publish-draft',
      { draft: draft.id },
      {
        title: visit.t(`发布“${nameDraft(visit, draft)}”`, `Publishing "${nameDraft(visit, draft)}"`),
        back: visit.href(stepPath(draft, 'sign')),
        done: ({ dataset, state, unchanged }: Published) =>
          visit.href(`${datasetPath(dataset)}?published=${unchanged ? 'unchanged' : state}`),
      },
    )
  })
}

function tablePages(pages: NodePages, deps: NodePagesDeps): void {
  const { drafting } = deps
  const back = (visit: NodeVisit, draft: Draft) => redirect(visit.href(stepPath(draft, 'table')))
  pages.get('/publish/:draft/table', { roles: 'any' }, (visit) => tablePage(visit, deps))
  pages.post('/publish/:draft/table', { roles: 'any' }, async (visit, fields) => {
    const { id } = draftOf(visit, deps)
    const edited = await drafting.setFields(id, readEdits(fields, draftOf(visit, deps)), visit)
    if (fields.checked('again')) return back(visit, await drafting.proposeAgain(id, visit))
    const isBad = findObstacles(visit, deps, edited).some(({ step }) => step === 'table')
    return isBad ? back(visit, edited) : goOn(visit, fields, edited, 'about')
  })
  pages.post('/publish/:draft/replace', { roles: 'any', multipart: true }, async (visit, fields) => {
    const draft = draftOf(visit, deps)
    const [file] = visit.filesOf(fields, 'upload')
    return back(
      visit,
      file === undefined ? draft : await drafting.replaceFile(draft.id, fields.get('file'), file, visit),
    )
  })
  pages.post('/publish/:draft/reading', { roles: 'any' }, async (visit, fields) =>
    back(visit, await drafting.setReading(draftOf(visit, deps).id, readReading(fields), visit)),
  )
  pages.post('/publish/:draft/again', { roles: 'any' }, async (visit) =>
    back(visit, await drafting.proposeAgain(draftOf(visit, deps).id, visit)),
  )
}

function tablePage(visit: NodeVisit, deps: NodePagesDeps): Page {
  const draft = draftOf(visit, deps)
  return stepPage(visit, draft, 'table', {
    layout: 'wide',
    scripts: ['drop.js', 'grid.js'],
    body: tableBody(visit, deps, draft),
  })
}

/** Steps 3 and 4: what was typed is stored first, then checked, so that nothing typed is ever lost. */
function formPages(
  pages: NodePages,
  deps: NodePagesDeps,
  step: 'about' | 'rights',
  names: readonly string[],
  next: Step,
): void {
  const path = `/publish/:draft/${step}`
  pages.get(path, { roles: 'any' }, (visit) => formPage(visit, deps, step, []))
  pages.post(path, { roles: 'any' }, async (visit, fields) => {
    const draft = await deps.drafting.setForm(draftOf(visit, deps).id, names, readForm(fields, names))
    const problems = checkForm(draft.form, deps.rules(), names)
    if (problems.length > 0 && !fields.checked('later')) return formPage(visit, deps, step, problems)
    return goOn(visit, fields, draft, next)
  })
}

function formPage(
  visit: NodeVisit,
  deps: NodePagesDeps,
  step: 'about' | 'rights',
  problems: readonly FieldProblem[],
): Page {
  const { t, href, formToken } = visit
  const draft = draftOf(visit, deps)
  const form = step === 'about' ? withProposals(deps, draft) : draft.form
  const part = { visit, form, problems, fixed: draft.dataset !== null }
  const fields =
    step === 'about'
      ? aboutFields(part)
      : rightsFields({ ...part, rules: deps.rules(), sample: sampleOf(deps.drafts, draft) })
  return stepPage(visit, draft, step, {
    ...(problems.length > 0 && { status: 422 }),
    body: html`
      ${
        problems.length > 0 &&
        notice('bad', {
          title: t(`有 ${problems.length} 项需要修改`, `${problems.length} thing(s) to mend`),
          body: t(
            '已填的内容都已保存，问题标在各项下面。',
            'What you typed is kept; each problem stands at its field.',
          ),
        })
      }
      <form class="wizard" method="post" action=${href(stepPath(draft, step))}>
        ${formToken()}
        ${fields}
        ${stepButtons(visit, draft, step, t('保存，下一步', 'Save and go on'))}
      </form>`,
  })
}

/** Something to begin with where nothing was typed yet. */
function withProposals({ clock }: NodePagesDeps, draft: Draft): Form {
  if (draft.form['titleZh'] !== undefined) return draft.form
  const name = (draft.files[0]?.name ?? '').replace(/\.[^.]*$/, '')
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64)
  return { titleZh: name, slug: plain || `dataset-${clock.stamp().slice(0, 10)}`, ...draft.form }
}

function goOn(visit: NodeVisit, fields: Fields, draft: Draft, next: Step): Redirect {
  if (!fields.checked('later')) return redirect(visit.href(stepPath(draft, next)))
  visit.flash('good', visit.t('草稿已保存。', 'The draft is kept.'))
  return redirect(visit.href('/publish'))
}

function previewPage(visit: NodeVisit, deps: NodePagesDeps): Page {
  const { t, href } = visit
  const draft = draftOf(visit, deps)
  const obstacles = findObstacles(visit, deps, draft)
  const formIsWhole = checkForm(draft.form, deps.rules()).length === 0
  return stepPage(visit, draft, 'preview', {
    lead: t(
      '发布后，任何人在门户上看到的就是下面这些；数据本身不会公开。',
      'This is what anybody sees on the portal once it is published; the data themselves stay here.',
    ),
    body: html`
      ${obstacles.length > 0 && obstacleList(visit, draft, obstacles)}
      ${formIsWhole && previewBody(visit, deps, previewDraft(deps, deps.member, draft))}
      ${obstacles.length === 0 && html`<p><a class="button primary" href=${href(stepPath(draft, 'sign'))}>${t('没有问题，下一步', 'Right: go on')}</a></p>`}`,
  })
}

function signPage(visit: NodeVisit, deps: NodePagesDeps, problem?: Problem): Page {
  const { t, lang, href, formToken } = visit
  const draft = draftOf(visit, deps)
  const obstacles = findObstacles(visit, deps, draft)
  const { name } = deps.membership()
  return stepPage(visit, draft, 'sign', {
    layout: 'text',
    body: html`
      ${problem !== undefined && refusalBox(lang, problem)}
      ${
        obstacles.length > 0
          ? obstacleList(visit, draft, obstacles)
          : html`${section(
              t('签名意味着什么', 'What signing means'),
              html`<ul>
                <li>${t(`目录信息和文件清单以${name}的名义签名，任何人都可以核验。`, `The entry and the list of files are signed in the name of ${name}; anybody can verify them.`)}</li>
                <li>${t('每个版本发布后不能再改，有错就发布下一版。', 'A version is final; a mistake is mended by the next version.')}</li>
                <li>${t('目录信息送到共享中心公布；数据留在本节点。', 'The entry goes to the hub and is made public; the data stay on this node.')}</li>
              </ul>`,
            )}
            <form method="post" action=${href(stepPath(draft, 'sign'))}>
              ${formToken()}${submitButton(t('签名并发布', 'Sign and publish'))}
            </form>`
      }`,
  })
}

function readForm(fields: Fields, names: readonly string[]): Form {
  return Object.fromEntries(
    names.map((name) => [name, fields.all(name).length > 1 ? fields.all(name) : fields.get(name)]),
  )
}

function readEdits(fields: Fields, { schema }: Draft): readonly FieldEdit[] {
  return (schema?.fields ?? []).map((field, index) => {
    // Columns beyond those that the form lists stay as they are.
    if (fields.values[`title-${index}`] === undefined) return { title: field.title, description: field.description }
    return {
      title: fields.optional(`title-${index}`),
      description: fields.optional(`description-${index}`),
      kind: FIELD_KINDS.find(({ id }) => id === fields.get(`kind-${index}`))?.field,
    }
  })
}

function readReading(fields: Fields): Reading {
  const encoding = fields.optional('encoding')
  const delimiter = delimiterNamed(fields.get('delimiter'))
  const sheet = fields.optional('sheet')
  const headerRow = fields.number('headerRow')
  return {
    ...((encoding === 'utf-8' || encoding === 'gb18030') && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(sheet !== undefined && { sheet }),
    ...(headerRow !== undefined && headerRow > 0 && { headerRow }),
  }
}
