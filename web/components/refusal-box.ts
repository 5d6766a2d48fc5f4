import type { Problem } from '#schemas/refusal.ts'
import { type Html, html } from '../pages/html.ts'
import { type Lang, pick } from '../pages/language.ts'

/** A refusal as people read it: what, why, what to do; the code small, for whoever is asked for help. */
export function refusalBox(
  lang: Lang,
  problem: Pick<Problem, 'title' | 'detail' | 'remedy' | 'code' | 'requestId'>,
): Html {
  const { title, detail, remedy, code, requestId } = problem
  const sentence = pick(lang, detail)
  return html`<div class="notice bad" role="alert">
    <p class="notice-title">${pick(lang, title)}</p>
    ${sentence !== pick(lang, title) && html`<p>${sentence}</p>`}
    <p>${pick(lang, remedy)}</p>
    <p class="small quiet-text">${lang === 'zh' ? '代码' : 'Code'} <code>${code}</code>${requestId !== '' && html` · ${lang === 'zh' ? '编号' : 'Reference'} <code>${requestId}</code>`}</p>
  </div>`
}
