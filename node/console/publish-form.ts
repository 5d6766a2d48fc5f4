import { toBeijing } from '#schemas/clock.ts'
import { Refusal } from '#schemas/refusal.ts'
import { notice } from '#web/components/words.ts'
import type { Fields } from '#web/pages/forms.ts'
import { html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, type Redirect, redirect } from '#web/pages/page.ts'
import { checkForm, type FieldProblem, type Form, textOf } from '../actions/draft-meta.ts'
import { sampleOf } from '../actions/preview-draft.ts'
import type { Draft } from '../store/drafts.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { draftOf } from './publish.ts'
import { aboutFields } from './publish-about.ts'
import { nameOwners, rightsFields } from './publish-rights.ts'
import { ABOUT_FIELDS, nameField, RIGHTS_FIELDS, type Step, stepButtons, stepPage, stepPath } from './publish-steps.ts'

const FIELDS = { about: ABOUT_FIELDS, rights: RIGHTS_FIELDS } as const
type FormStep = keyof typeof FIELDS

/** Steps 3 and 4: what was typed is stored first, then checked, so that nothing typed is ever lost. */
export function publishFormPages(pages: NodePages, deps: NodePagesDeps): void {
  for (const [step, next] of [
    ['about', 'rights'],
    ['rights', 'preview'],
  ] as const) {
    const path = `/publish/:draft/${step}`
    pages.get(path, { roles: 'any' }, (visit) => formPage(visit, deps, step, []))
    pages.post(path, { roles: 'any' }, async (visit, fields) => {
      const names = askedFields(deps, draftOf(visit, deps), step)
      const typed = readForm(fields, names)
      const form = step === 'rights' ? nameOwners(typed, deps.using.members()) : typed
      const draft = await deps.drafting.setForm(draftOf(visit, deps).id, names, form)
      const problems = findProblems(deps, draft, step)
      if (problems.length > 0 && !fields.checked('later')) return formPage(visit, deps, step, problems)
      return goOn(visit, fields, draft, next)
    })
  }
}

/** The fields that the step's form holds for this draft; all others stay as they are. */
function askedFields(deps: NodePagesDeps, draft: Draft, step: FormStep): readonly string[] {
  const isFixed = draft.dataset !== null
  const hasSample = sampleOf(deps, deps.member, draft) !== undefined
  return FIELDS[step].filter((name) => !((isFixed && name === 'slug') || (!hasSample && /^sample/.test(name))))
}

/** Of the step's own fields; a short name that is in use would publish over another dataset. */
function findProblems(deps: NodePagesDeps, draft: Draft, step: FormStep): readonly FieldProblem[] {
  const place = ({ field }: FieldProblem) => (FIELDS[step] as readonly string[]).indexOf(field)
  const problems = checkForm(draft.form, deps.rules(), FIELDS[step]).toSorted((a, b) => place(a) - place(b))
  const taken =
    step === 'about' && draft.dataset === null && deps.datasets.last(`${deps.member}/${textOf(draft.form, 'slug')}`)
  if (!taken) return problems
  const { title, remedy } = new Refusal('SLUG_TAKEN').problem('')
  const says = { zh: `${title.zh}。${remedy.zh}`, en: `${title.en}. ${remedy.en}` }
  return [...problems, { field: 'slug', code: 'SLUG_TAKEN', says }]
}

function formPage(visit: NodeVisit, deps: NodePagesDeps, step: FormStep, problems: readonly FieldProblem[]): Page {
  const { t, href, formToken } = visit
  const draft = draftOf(visit, deps)
  const form = step === 'about' ? withProposals(deps, draft) : draft.form
  const part = { visit, form, problems, fixed: draft.dataset !== null }
  const fields =
    step === 'about'
      ? aboutFields(part)
      : rightsFields({
          ...part,
          rules: deps.rules(),
          members: deps.using.members(),
          sample: sampleOf(deps, deps.member, draft),
        })
  return stepPage(visit, draft, step, {
    ...(problems.length > 0 && { status: 422 }),
    body: html`
      ${
        problems.length > 0 &&
        notice('bad', {
          title: t(
            `有 ${problems.length} 项需要修改`,
            problems.length === 1 ? 'One thing to mend' : `${problems.length} things to mend`,
          ),
          body: html`<p>${t('已填的内容都已保存。', 'What you typed is kept.')}</p>
            <ul>${problems.map(({ field, says }) => html`<li><a href=${`#f-${field}`}>${nameField(visit, field)}</a>${t('：', ': ')}${pick(visit.lang, says)}</li>`)}</ul>`,
        })
      }
      ${
        step === 'about' &&
        draft.dataset !== null &&
        notice('info', {
          title: t('内容已按上一版填好', 'Filled in as the last version has it'),
          body: t(
            '新的一期请改“所属时期”，其余没有变化的不用动。',
            'For a new period change the period covered; leave the rest as it is.',
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
function withProposals(deps: NodePagesDeps, draft: Draft): Form {
  if (draft.form['titleZh'] !== undefined) return draft.form
  const name = (draft.files[0]?.name ?? '').replace(/\.[^.]*$/, '')
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 60)
  const slug = freeSlug(deps, draft, plain || `dataset-${toBeijing(deps.clock.now()).slice(0, 10)}`)
  return { titleZh: name, slug, ...draft.form }
}

/** The name itself, or the first of `name-2`, `name-3` … that neither a dataset nor another draft has. */
function freeSlug({ member, datasets, drafts }: NodePagesDeps, { id }: Draft, name: string): string {
  const others = drafts.list().flatMap((one) => (one.id === id ? [] : [textOf(one.form, 'slug')]))
  const isFree = (slug: string) => datasets.last(`${member}/${slug}`) === undefined && !others.includes(slug)
  let slug = name
  for (let next = 2; !isFree(slug); next++) slug = `${name}-${next}`
  return slug
}

function readForm(fields: Fields, names: readonly string[]): Form {
  return Object.fromEntries(
    names.map((name) => [name, fields.all(name).length > 1 ? fields.all(name) : fields.get(name)]),
  )
}

/** On to the next step, or home where the person wants to stop here. */
export function goOn(visit: NodeVisit, fields: Fields, draft: Draft, next: Step): Redirect {
  if (!fields.checked('later')) return redirect(visit.href(stepPath(draft, next)))
  visit.flash('good', visit.t('草稿已保存。', 'The draft is kept.'))
  return redirect(visit.href('/publish'))
}
