import { html } from '#web/pages/html.ts'
import type { PageGroup } from './portal-deps.ts'

/** 首页. */
export const homePages: PageGroup = (pages, { hub }) => {
  pages.get('/', ({ t }) => ({ title: hub().name, body: html`<p>${t('数据目录', 'Catalogue')}</p>` }))
}
