import type { Problem } from '#schemas/refusal.ts'
import { refusalBox } from '../components/refusal-box.ts'
import { linkButton } from '../components/words.ts'
import { html } from './html.ts'
import { pick } from './language.ts'
import type { Page } from './page.ts'
import type { Visit } from './visit.ts'

/** The page of a refusal: what happened, why, what to do, and two ways on. */
export function problemPage(visit: Visit, problem: Problem): Page {
  const { t, lang, href } = visit
  const lost = problem.code === 'NOT_FOUND'
  return {
    title: lost ? t('没有找到这个页面', 'Page not found') : pick(lang, problem.title),
    status: problem.status,
    layout: 'text',
    hidden: true,
    body: html`
      ${
        lost
          ? html`<p>${t('地址可能输错了，或者内容已经撤下、移走。', 'The address may be mistyped, or what was here has been withdrawn or moved.')}</p>`
          : refusalBox(lang, problem)
      }
      <div class="cluster">
        ${linkButton(href('/'), t('回到首页', 'Front page'), 'primary')}
      </div>
    `,
  }
}
