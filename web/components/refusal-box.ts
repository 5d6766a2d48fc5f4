import type { Problem } from '#schemas/refusal.ts'
import { type Html, html } from '../pages/html.ts'
import { type Lang, pick } from '../pages/language.ts'
import { sayDetail, sayRemedy, type Told } from '../texts/page-refusals.ts'

/** A refusal as people read it: what, why, what to do; the code small, for whoever is asked for help. */
export function refusalBox(lang: Lang, problem: Told & Pick<Problem, 'title' | 'requestId'>): Html {
  const { title, code, requestId } = problem
  const sentence = sayDetail(lang, problem)
  return html`<div class="notice bad" role="alert">
    <p class="notice-title">${pick(lang, title)}</p>
    ${sentence !== pick(lang, title) && html`<p>${sentence}</p>`}
    <p>${sayRemedy(lang, problem)}</p>
    <p class="small quiet-text">${lang === 'zh' ? '代码' : 'Code'} <code>${code}</code>${requestId !== '' && html` · ${lang === 'zh' ? '编号' : 'Reference'} <code>${requestId}</code>`}</p>
  </div>`
}
