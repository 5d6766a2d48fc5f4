import { type Html, html } from '../pages/html.ts'
import type { Say } from '../pages/language.ts'
import type { Crumb } from '../pages/page.ts'

/** 当前位置: the way from the front page to here. */
export function breadcrumbs(t: Say, crumbs: readonly Crumb[]): Html {
  if (crumbs.length === 0) return null
  return html`<nav class="crumbs" aria-label=${t('当前位置', 'You are here')}>
    <span class="crumbs-label">${t('当前位置：', 'You are here: ')}</span>
    <ol>${crumbs.map(({ text, href }, index) =>
      index === crumbs.length - 1 || href === undefined
        ? html`<li><span aria-current=${index === crumbs.length - 1 ? 'page' : undefined}>${text}</span></li>`
        : html`<li><a href=${href}>${text}</a></li>`,
    )}</ol>
  </nav>`
}

/** Where one list goes on: first page and next page (lists are paged by cursor). */
export function pager(
  t: Say,
  {
    first,
    next,
    label = t('翻页', 'Pages'),
  }: { first?: string | undefined; next?: string | undefined; label?: string },
): Html {
  if (first === undefined && next === undefined) return null
  return html`<nav class="pager" aria-label=${label}>
    ${first !== undefined && html`<a class="button plain" href=${first}>${t('回到第一页', 'First page')}</a>`}
    ${next !== undefined && html`<a class="button plain" rel="next" href=${next}>${t('下一页', 'Next page')}</a>`}
  </nav>`
}

/** Links that look like tabs: views of one thing, each with its own address. */
export function tabs(
  label: string,
  links: readonly { href: string; text: string; current?: boolean; count?: number }[],
): Html {
  return html`<nav class="tabs" aria-label=${label}>${links.map(
    ({ href, text, current, count }) =>
      html`<a href=${href} aria-current=${current ? 'page' : undefined}>${text}${count !== undefined && html` <span class="count">${count}</span>`}</a>`,
  )}</nav>`
}

/** Where one stands in a form of several pages. */
export function steps(label: string, names: readonly string[], current: number): Html {
  return html`<ol class="steps" aria-label=${label}>${names.map(
    (name, index) =>
      html`<li class=${index < current ? 'done' : ''} aria-current=${index === current ? 'step' : undefined}><span>${name}</span></li>`,
  )}</ol>`
}

/** What happened, oldest first; `when` is already written out. */
export interface Happening {
  readonly when: string
  readonly what: Html
  readonly who?: string
  readonly tone?: 'good' | 'warn' | 'bad' | 'info' | 'quiet'
  readonly note?: Html
  /** Still to come. */
  readonly open?: boolean
}

export function timeline(label: string, happenings: readonly Happening[]): Html {
  return html`<ol class="timeline" aria-label=${label}>${happenings.map(
    ({ when, what, who, tone = 'quiet', note, open }) => html`<li class=${`${tone}${open ? ' open' : ''}`}>
      <div class="timeline-head"><strong>${what}</strong>${who !== undefined && html` <span>${who}</span>`}</div>
      <time>${when}</time>
      ${note !== undefined && html`<div class="timeline-note">${note}</div>`}
    </li>`,
  )}</ol>`
}
