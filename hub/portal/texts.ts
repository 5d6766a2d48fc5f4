import { Refusal } from '#schemas/refusal.ts'
import { markdown } from '#web/components/markdown.ts'
import { emptyState, notice } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import type { Page } from '#web/pages/page.ts'
import { showDay } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { Bilingual, Notice } from '../store/contents.ts'
import type { PageGroup } from './portal-deps.ts'
import { findText, listTexts, SECTIONS, type Section, type ShownText } from './read-texts.ts'

const NAMES = {
  guides: { zh: '办事指南', en: 'Guides' },
  standards: { zh: '标准规范', en: 'Standards' },
} as const satisfies Record<Section, Bilingual>

const LEADS = {
  guides: {
    zh: '接入、发布、申请、核验，一步一步怎样做。',
    en: 'Joining, publishing, asking, verifying: step by step.',
  },
  standards: { zh: '平台采用的元数据、编码和协议。', en: 'The metadata, codes and protocol that the platform uses.' },
} as const satisfies Record<Section, Bilingual>

const NOTICES_MOST = 200

/** 标准规范, 办事指南, 关于, 通知公告: texts that operators edit. */
export const textPages: PageGroup = (pages, { contents }) => {
  for (const section of SECTIONS) {
    pages.get(`/${section}`, async (visit) => sectionPage(visit, section, await listTexts(contents)))
    pages.get(`/${section}/:name`, async (visit) => {
      const text = await findText(contents, `${section}/${visit.params['name']}`)
      if (text === undefined) throw new Refusal('NOT_FOUND')
      return textPage(visit, section, text, await listTexts(contents))
    })
  }
  pages.get('/about', async (visit) => {
    const text = await findText(contents, 'about')
    if (text === undefined) throw new Refusal('NOT_FOUND')
    return aboutPage(visit, text)
  })
  pages.get('/notices', async (visit) => noticesPage(visit, await contents.notices(NOTICES_MOST)))
  pages.get('/notices/:id', async (visit) => {
    const found = await contents.findNotice(visit.params['id'] ?? '')
    if (found === null || found.withdrawn) throw new Refusal('NOT_FOUND')
    return noticePage(visit, found)
  })
}

function sectionPage(visit: Visit, section: Section, all: readonly ShownText[]): Page {
  const { lang, href, t } = visit
  const texts = all.filter(({ slug }) => slug.startsWith(`${section}/`))
  return {
    title: pick(lang, NAMES[section]),
    lead: pick(lang, LEADS[section]),
    layout: 'text',
    crumbs: [home(visit), { text: pick(lang, NAMES[section]) }],
    body: html`<ul class="text-list">${texts.map(
      ({ slug, title, body }) => html`<li class="card">
        <h2><a href=${href(`/${slug}`)} lang=${languageOf(visit, title)}>${pick(lang, title)}</a></h2>
        <p class="quiet-text" lang=${languageOf(visit, body)}>${firstSentence(pick(lang, body))}</p>
      </li>`,
    )}</ul>${texts.length === 0 && emptyState(t('还没有内容', 'Nothing here yet'))}`,
  }
}

function textPage(visit: Visit, section: Section, text: ShownText, all: readonly ShownText[]): Page {
  const { lang, href } = visit
  const name = pick(lang, NAMES[section])
  const title = pick(lang, text.title)
  const others = all.filter(({ slug }) => slug.startsWith(`${section}/`))
  return {
    title,
    crumbs: [home(visit), { text: name, href: href(`/${section}`) }, { text: title }],
    description: firstSentence(pick(lang, text.body)),
    body: html`<div class="split">
      <nav aria-label=${name}><ul class="side-links">${others.map(
        ({ slug, title: one }) =>
          html`<li><a href=${href(`/${slug}`)} aria-current=${slug === text.slug ? 'page' : undefined}>${pick(lang, one)}</a></li>`,
      )}</ul></nav>
      <article>${textBody(visit, text.body)}</article>
    </div>`,
  }
}

function aboutPage(visit: Visit, { title, body }: ShownText): Page {
  const name = pick(visit.lang, title)
  return {
    title: name,
    layout: 'text',
    crumbs: [home(visit), { text: visit.t('关于', 'About') }],
    body: textBody(visit, body),
  }
}

function noticesPage(visit: Visit, notices: readonly Notice[]): Page {
  const { t, lang, href } = visit
  return {
    title: t('通知公告', 'Notices'),
    layout: 'text',
    crumbs: [home(visit), { text: t('通知公告', 'Notices') }],
    body:
      notices.length === 0
        ? emptyState(
            t('暂无通知公告', 'No notices'),
            t('共享中心发布通知后，会显示在这里和首页。', 'Notices of the hub will appear here and on the front page.'),
          )
        : html`<ul class="text-list">${notices.map(
            ({ id, title, body, published }) => html`<li>
              <a href=${href(`/notices/${id}`)} lang=${languageOf(visit, title)}>${pick(lang, title)}</a>
              <time class="small quiet-text">${showDay(lang, published)}</time>
              <p class="quiet-text" lang=${languageOf(visit, body)}>${firstSentence(pick(lang, body))}</p>
            </li>`,
          )}</ul>`,
  }
}

function noticePage(visit: Visit, { title, body, published }: Notice): Page {
  const { t, lang, href } = visit
  return {
    title: pick(lang, title),
    lead: `${t('发布日期：', 'Published: ')}${showDay(lang, published)}`,
    layout: 'text',
    crumbs: [home(visit), { text: t('通知公告', 'Notices'), href: href('/notices') }, { text: pick(lang, title) }],
    description: firstSentence(pick(lang, body)),
    body: textBody(visit, body),
  }
}

/** The text in the reader's language, or in Chinese and saying so. */
function textBody(visit: Visit, body: Bilingual): Html {
  const { t, lang } = visit
  if (languageOf(visit, body) === undefined) return markdown(pick(lang, body))
  return html`
    ${notice('info', { title: t('', 'This text is available in Chinese only.') })}
    <div lang="zh-CN">${markdown(body.zh)}</div>`
}

/** The language attribute where a text is not in the page's own language. */
function languageOf({ lang }: Visit, { en }: Bilingual): string | undefined {
  return lang === 'en' && (en === undefined || en === '') ? 'zh-CN' : undefined
}

function home({ t, href }: Visit) {
  return { text: t('首页', 'Home'), href: href('/') }
}

/** The beginning of the first paragraph, without marks. */
function firstSentence(text: string): string {
  const paragraph = text.split(/\n\s*\n/).find((one) => !/^\s*(#|\||```|[-*] )/.test(one)) ?? ''
  const bare = paragraph.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*_`>#]/g, '')
  return bare.length > 120 ? `${bare.slice(0, 119)}…` : bare
}
