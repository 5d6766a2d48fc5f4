import type { Problem } from '#schemas/refusal.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { facts, linkButton, section, submitButton } from '#web/components/words.ts'
import type { Fields } from '#web/pages/forms.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showBytes } from '#web/pages/show.ts'
import { checkForm } from '../actions/draft-meta.ts'
import type { FieldEdit } from '../actions/prepare-draft.ts'
import { previewDraft } from '../actions/preview-draft.ts'
import type { Published } from '../actions/publish-version.ts'
import type { Draft } from '../store/drafts.ts'
import type { Reading } from '../tables/reading.ts'
import { datasetPath } from './dataset-words.ts'
import { FIELD_KINDS } from './field-kinds.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { draftOf } from './publish.ts'
import { goOn } from './publish-form.ts'
import { lookThen } from './publish-look.ts'
import { obstacleList, previewBody } from './publish-preview.ts'
import { findObstacles, nameDraft, stepPage, stepPath } from './publish-steps.ts'
import { delimiterNamed, tableBody } from './publish-table.ts'

/** Steps 2, 5 and 6 of publishing: the table, the preview, the signature. */
export function publishStepPages(pages: NodePages, deps: NodePagesDeps): void {
  tablePages(pages, deps)
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
  const path = (rest: string) => `/publish/:draft/${rest}`
  pages.get(path('table'), { roles: 'any' }, (visit) => tablePage(visit, deps))
  pages.post(path('table'), { roles: 'any' }, async (visit, fields) => {
    const draft = draftOf(visit, deps)
    const edited = await drafting.setFields(draft.id, readEdits(fields, draft))
    if (fields.checked('again')) return lookThen(visit, deps, await drafting.proposeAgain(draft.id), 'table')
    if (fields.checked('later')) return goOn(visit, fields, edited, 'about')
    const seen = await lookThen(visit, deps, edited, 'table')
    const bad = findObstacles(visit, deps, draftOf(visit, deps)).some(({ step }) => step === 'table')
    return bad ? seen : goOn(visit, fields, edited, 'about')
  })
  pages.post(path('replace'), { roles: 'any', multipart: true }, async (visit, fields) => {
    const draft = draftOf(visit, deps)
    const [file] = visit.filesOf(fields, 'upload')
    if (file === undefined) return redirect(visit.href(stepPath(draft, 'table')))
    return lookThen(visit, deps, await drafting.replaceFile(draft.id, fields.get('file'), file), 'table')
  })
  pages.post(path('reading'), { roles: 'any' }, async (visit, fields) =>
    lookThen(visit, deps, await drafting.setReading(draftOf(visit, deps).id, readReading(fields)), 'table'),
  )
  pages.post(path('again'), { roles: 'any' }, (visit) => lookThen(visit, deps, draftOf(visit, deps), 'table'))
}

function tablePage(visit: NodeVisit, deps: NodePagesDeps): Page {
  const draft = draftOf(visit, deps)
  return stepPage(visit, draft, 'table', {
    layout: 'wide',
    scripts: ['drop.js', 'grid.js'],
    body: tableBody(visit, deps, draft),
  })
}

function previewPage(visit: NodeVisit, deps: NodePagesDeps): Page {
  const { t, href } = visit
  const draft = draftOf(visit, deps)
  const obstacles = findObstacles(visit, deps, draft)
  const formIsWhole = checkForm(draft.form, deps.rules()).length === 0
  return stepPage(visit, draft, 'preview', {
    lead: t(
      '发布后，任何人在门户上都能看到下面这些内容，门户另外显示历次版本和质量；数据本身不会公开。',
      'Once it is published anybody sees all this on the portal, which adds the versions and their quality; the data themselves stay here.',
    ),
    body: html`
      ${obstacles.length > 0 && obstacleList(visit, draft, obstacles)}
      ${formIsWhole && previewBody(visit, deps, previewDraft(deps, deps.member, draft))}
      <div class="cluster step-buttons">
        ${obstacles.length === 0 && linkButton(href(stepPath(draft, 'sign')), t('没有问题，下一步', 'Right: go on'), 'primary')}
        ${linkButton(href(stepPath(draft, 'rights')), t('上一步', 'Back'), 'quiet')}
      </div>`,
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
          : html`${section(t('将要签名的', 'What will be signed'), signedFacts(visit, deps, draft), { card: true })}
            ${section(
              t('签名意味着什么', 'What signing means'),
              html`<ul>
                <li>${t(`目录信息和文件清单以${name}的名义签名，任何人都可以核验。`, `The entry and the list of files are signed in the name of ${name}; anybody can verify them.`)}</li>
                <li>${t('每个版本发布后不能再改，有错就发布下一版。', 'A version is final; a mistake is mended by the next version.')}</li>
                <li>${t('目录信息送到共享中心公布；数据留在本节点。', 'The entry goes to the hub and is made public; the data stay on this node.')}</li>
              </ul>`,
            )}
            <form method="post" action=${href(stepPath(draft, 'sign'))}>
              ${formToken()}
              <div class="cluster step-buttons">
                ${submitButton(t('签名并发布', 'Sign and publish'))}
                ${linkButton(href(stepPath(draft, 'preview')), t('上一步', 'Back'), 'quiet')}
              </div>
            </form>`
      }`,
  })
}

/** By name, so that nobody signs another draft than the one in mind. */
function signedFacts({ t, lang }: NodeVisit, deps: NodePagesDeps, draft: Draft): Html {
  const { meta, version, files } = previewDraft(deps, deps.member, draft)
  const others = (meta.owners ?? []).filter((owner) => owner !== deps.member).map(deps.nameOf)
  const isSame = draft.files.length === 0
  return facts([
    [t('数据集', 'Dataset'), pick(lang, meta.title)],
    [
      t('版本', 'Version'),
      isSame
        ? t(`第 ${version} 版不变，只改目录信息`, `version ${version} stays; only the entry changes`)
        : t(`第 ${version} 版`, `version ${version}`),
    ],
    [
      t('文件', 'Files'),
      files
        .map(({ path, bytes }) => t(`${path}（${showBytes(lang, bytes)}）`, `${path} (${showBytes(lang, bytes)})`))
        .join(t('、', ', ')),
    ],
    [
      t('还须会签', 'Still to sign after us'),
      others.length > 0 &&
        t(`${others.join('、')}；会签后才会公布`, `${others.join(', ')}; it is published once they have`),
    ],
  ])
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
