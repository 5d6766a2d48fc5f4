import { type Html, html } from '../pages/html.ts'
import { langOf, pick, type TextOf } from '../pages/language.ts'
import { showBytes, showDay, showNumber } from '../pages/show.ts'
import type { Visit } from '../pages/visit.ts'
import { dueOf, sayDue } from '../texts/due-words.ts'
import { nameFacetValue } from '../texts/facets.ts'
import { nameFormat } from '../texts/table-words.ts'
import { SHARING_TONES } from '../texts/tones.ts'
import { badge } from './words.ts'

/** What a card shows of a dataset; the hub's search answers with this. Times RFC 3339. */
export interface CardItem {
  readonly dataset: string
  readonly title: TextOf
  readonly description?: TextOf | undefined
  readonly member: string
  readonly memberName: string
  readonly version: number
  readonly contentClass: number
  readonly theme?: string | undefined
  readonly period?: { readonly from: string; readonly to: string } | undefined
  readonly periodicity: string
  readonly sharing: string
  readonly price?: { readonly amount: string; readonly currency: string; readonly unit: string } | undefined
  readonly formats: readonly string[]
  readonly bytes: number
  readonly released: string
  readonly used: number
}

const shownCharacters = 110

/** Pages of a dataset and of its member: the portal's, where nothing else is said. */
export interface CardLinks {
  readonly dataset: (id: string) => string
  readonly member: (id: string) => string
}

const PORTAL: CardLinks = { dataset: (id) => `/datasets/${id}`, member: (id) => `/members/${id}` }

/** One dataset of a list. `now`: Unix seconds. `marks`: more badges; `more`: what this reader should know of it besides. */
export function datasetCard(
  { lang, t, href }: Visit,
  item: CardItem,
  now: number,
  { links = PORTAL, marks, more }: { readonly links?: CardLinks; readonly marks?: Html; readonly more?: Html } = {},
): Html {
  const { dataset, member, memberName, description, sharing, price } = item
  const kind = nameFacetValue(lang, 'class', String(item.contentClass))
  const theme = item.theme === undefined ? '' : ` › ${nameFacetValue(lang, 'theme', item.theme)}`
  return html`<li class="result">
    <div class="result-title"><h3><a href=${href(links.dataset(dataset))} lang=${langOf(lang, item.title)}>${pick(lang, item.title)}</a></h3>
      ${badge(SHARING_TONES[sharing] ?? 'quiet', nameFacetValue(lang, 'sharing', sharing))}${price !== undefined && badge('warn', t('有偿', 'Priced'))}${marks}
    </div>
    <p class="result-by"><a href=${href(links.member(member))}>${memberName}</a><span>${kind}${theme}</span></p>
    ${description !== undefined && html`<p lang=${langOf(lang, description)}>${shorten(pick(lang, description))}</p>`}
    <p class="result-facts">${cardFacts({ lang, t }, item, now).map((text) => html`<span>${text}</span>`)}</p>
    ${more}
  </li>`
}

/** Period, periodicity and when the next is due, formats, size, version, uses: short, each by itself. */
function cardFacts({ lang, t }: Pick<Visit, 'lang' | 't'>, item: CardItem, now: number): string[] {
  const { period, periodicity, formats, bytes, released, used, version } = item
  const due = dueOf(periodicity, period?.to, now)
  return [
    ...(period === undefined ? [] : [showPeriod(period)]),
    `${nameFacetValue(lang, 'periodicity', periodicity)}${due === undefined ? '' : t(`（${sayDue(lang, due)}）`, ` (${sayDue(lang, due)})`)}`,
    `${formats.map((format) => nameFormat(lang, format)).join(t('、', ', '))} ${showBytes(lang, bytes)}`,
    t(`${showDay(lang, released)} 发布第 ${version} 版`, `Version ${version} of ${showDay(lang, released)}`),
    t(`已调取 ${showNumber(lang, used)} 次`, `Pulled ${showNumber(lang, used)} time${used === 1 ? '' : 's'}`),
  ]
}

/** `2000-01 – 2015-12`; one period alone where both ends are the same. */
export function showPeriod({ from, to }: { readonly from: string; readonly to: string }): string {
  return from === to ? from : `${from} – ${to}`
}

function shorten(text: string): string {
  const characters = [...text.slice(0, shownCharacters * 2)]
  return characters.length > shownCharacters ? `${characters.slice(0, shownCharacters).join('')}…` : text
}
